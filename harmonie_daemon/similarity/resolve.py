"""From what a client knows about a track (a path, some tags) to the track."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from harmonie_daemon.domain.errors import TrackNotFoundError
from harmonie_daemon.domain.playlist import SeedRef
from harmonie_daemon.domain.track import TrackId
from harmonie_daemon.store.track_lookup import (
    LONGEST_PATH_BYTES,
    NameKeys,
    TrackLookup,
    folded_name_key,
    name_key,
)
from harmonie_daemon.store.tracks import Tracks

_DRIVE = re.compile(r"^[A-Za-z]:(?=[\\/])")
_DASH = " - "
MAX_ID = 2**63 - 1
"""The largest integer SQLite can hold."""


class Resolver:
    """The resolution ladder: the first rung that finds a track wins, the smallest id on ties."""

    def __init__(self, tracks: Tracks) -> None:
        self._tracks = tracks

    async def resolve(self, ref: SeedRef) -> TrackId | None:
        """Absolute path, relative path, (artist, album, title), (title, artist), (title, album).

        Only then the path as another machine sees it: under another mount, or with backslashes;
        at last the tags without accents, and a title alone if it is the only one of its name.
        Names are compared by ``text_key``; any of a track's artists will do.
        """
        return (await self.resolve_all((ref,))).get(ref)

    async def resolve_all(self, refs: Sequence[SeedRef]) -> dict[SeedRef, TrackId]:
        """Those of the references that lead to a track; each rung is asked once for all."""
        return await self._tracks.look_up(lambda lookup: _resolve(lookup, refs))

    async def query(self, text: str) -> TrackId:
        """A track by id, path, ``artist - title`` or a title that only one track has.

        Raises ``TrackNotFoundError``.
        """
        found = await self._by_id(text.strip())
        if found is None and len(text) <= LONGEST_PATH_BYTES:
            found = await self._tracks.look_up(lambda lookup: _by_text(lookup, text))
        if found is None:
            raise TrackNotFoundError(
                f"no track matches {text!r}; give an id, a path or 'artist - title'"
            )
        return found

    async def _by_id(self, text: str) -> TrackId | None:
        if not (text.isascii() and text.isdigit() and len(text) <= len(str(MAX_ID))):
            return None
        found = await self._tracks.get_many([TrackId(int(text))])
        return found[0].id if found else None


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of one track, as it is compared."""

    path: str | None
    slashed: str | None
    """A path of Windows as ours are written, without the drive."""
    artist: str | None
    album: str | None
    title: str | None

    @classmethod
    def of(cls, ref: SeedRef, key_of: Callable[[str | None], str | None]) -> _Known:
        slashed = _DRIVE.sub("", ref.path).replace("\\", "/") if ref.path else None
        return cls(
            ref.path,
            slashed if slashed != ref.path else None,
            key_of(ref.artist),
            key_of(ref.album),
            key_of(ref.title),
        )

    def names(self) -> NameKeys | None:
        """Artist, album and title, if they are all known."""
        known = self.artist and self.album and self.title
        return NameKeys(self.artist, self.album, self.title) if known else None

    def artist_and_title(self) -> NameKeys | None:
        """Without the album."""
        known = self.artist and self.title
        return NameKeys(self.artist, None, self.title) if known else None

    def album_and_title(self) -> NameKeys | None:
        """Without the artist."""
        known = self.album and self.title
        return NameKeys(None, self.album, self.title) if known else None

    def title_alone(self) -> str | None:
        """Only where nothing else is said: a title with a wrong artist is another song."""
        return None if self.artist or self.album else self.title


@dataclass(frozen=True, slots=True)
class _Rung:
    """One way to find tracks."""

    key: Callable[[_Known], Hashable | None]
    """What is looked up; ``None``: this way is not open to what is known."""
    find: Callable[[TrackLookup, Sequence[Any]], Mapping[Any, TrackId]]


_BY_PATH = (
    _Rung(lambda known: known.path, TrackLookup.by_path),
    _Rung(lambda known: known.path, TrackLookup.by_relative_path),
)
_BY_TAGS = (
    _Rung(_Known.names, TrackLookup.by_names),
    _Rung(_Known.artist_and_title, TrackLookup.by_names),
    _Rung(_Known.album_and_title, TrackLookup.by_names),
)
_BY_FOREIGN_PATH = (
    _Rung(lambda known: known.path, TrackLookup.by_suffix),
    _Rung(lambda known: known.slashed, TrackLookup.by_path),
    _Rung(lambda known: known.slashed, TrackLookup.by_relative_path),
    _Rung(lambda known: known.slashed, TrackLookup.by_suffix),
)


_BY_TITLE_ALONE = (_Rung(_Known.title_alone, TrackLookup.by_title_alone),)
_BY_FOLDED_TAGS = (
    _Rung(_Known.names, TrackLookup.by_folded_names),
    _Rung(_Known.artist_and_title, TrackLookup.by_folded_names),
    _Rung(_Known.album_and_title, TrackLookup.by_folded_names),
    _Rung(_Known.title_alone, TrackLookup.by_folded_title_alone),
)
"""With folded keys."""


def _resolve(lookup: TrackLookup, refs: Iterable[SeedRef]) -> dict[SeedRef, TrackId]:
    ladder = (*_BY_PATH, *_BY_TAGS, *_BY_FOREIGN_PATH, *_BY_TITLE_ALONE)
    found = _climb(lookup, refs, ladder)
    left = [ref for ref in refs if ref not in found]
    return found | _climb(lookup, left, _BY_FOLDED_TAGS, folded_name_key)


def _climb(
    lookup: TrackLookup,
    refs: Iterable[SeedRef],
    ladder: Sequence[_Rung],
    key_of: Callable[[str | None], str | None] = name_key,
) -> dict[SeedRef, TrackId]:
    left = {ref: _Known.of(ref, key_of) for ref in refs}
    found: dict[SeedRef, TrackId] = {}
    for rung in ladder:
        keys = {ref: key for ref, known in left.items() if (key := rung.key(known))}
        ids = rung.find(lookup, list(dict.fromkeys(keys.values()))) if keys else {}
        for ref, key in keys.items():
            if key in ids:
                found[ref] = ids[key]
                del left[ref]
    return found


def _by_text(lookup: TrackLookup, text: str) -> TrackId | None:
    path, names, title = [SeedRef(path=text)], _readings(text.strip()), [SeedRef(title=text)]
    found = (
        _climb(lookup, path, _BY_PATH)
        or _climb(lookup, names, _BY_TAGS)
        or _climb(lookup, path, _BY_FOREIGN_PATH)
        or _climb(lookup, title, _BY_TITLE_ALONE)
        or _climb(lookup, [*names, *title], _BY_FOLDED_TAGS, folded_name_key)
    )
    return next((found[ref] for ref in (*path, *names, *title) if ref in found), None)


def _readings(text: str) -> list[SeedRef]:
    """Every dash as the one between artist and title, from the left."""
    parts = text.split(_DASH)
    return [
        SeedRef(artist=_DASH.join(parts[:cut]), title=_DASH.join(parts[cut:]))
        for cut in range(1, len(parts))
    ]
