"""From names to what goes by them in the library: artists, genres, albums, tracks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from harmonie_daemon.discovery.answers import EntityKind
from harmonie_daemon.discovery.evidence import EvidenceKeeper, TrackEvidence
from harmonie_daemon.discovery.scoring import SURE
from harmonie_daemon.discovery.signs import StyleSign
from harmonie_daemon.discovery.vocabulary import Meaning, Topic, meaning_of
from harmonie_daemon.domain.playlist import SeedRef
from harmonie_daemon.similarity.resolve import Resolver
from harmonie_daemon.similarity.space import Spaces
from harmonie_daemon.store.names import NameKind
from harmonie_daemon.store.track_lookup import folded_name_key
from harmonie_daemon.store.tracks import Tracks

LONGEST_ENTITY = 200
"""Characters of a name; the longest that tags are cut to is no name of anything."""
MOST_GENRES_AT_ONCE = 200
"""Of several names so many are looked up as genres."""
_DASH = " - "
_KINDS = {
    NameKind.ARTIST: EntityKind.ARTIST,
    NameKind.ALBUM: EntityKind.ALBUM,
    NameKind.TITLE: EntityKind.TRACK,
}


@dataclass(frozen=True, slots=True)
class Entity:
    """Something of the library that has a name."""

    kind: EntityKind
    ids: tuple[int, ...]
    """Its tracks."""


class Entities:
    """Finds them: an artist before a genre, that before an album and a title."""

    def __init__(
        self, tracks: Tracks, spaces: Spaces, resolver: Resolver, evidence: EvidenceKeeper
    ) -> None:
        self._tracks, self._spaces, self._resolver = tracks, spaces, resolver
        self._evidence = evidence

    async def find(self, names: Sequence[str]) -> dict[str, Entity]:
        """Those of the names that something goes by; at last as ``artist - title``."""
        keys = {name: folded_name_key(name[:LONGEST_ENTITY]) for name in names}
        named = await self._tracks.named_each(list({key for key in keys.values() if key}))
        asked = {
            name: " ".join(key.replace("-", " ").split())
            for name, key in keys.items()
            if key and not (key in named and named[key].kind is NameKind.ARTIST)
        }
        evidence = await self._evidence.current()
        genres = await self._spaces.compute(_genres, list(asked.values()), evidence)
        found: dict[str, Entity] = {}
        for name, key in keys.items():
            genre = genres.get(asked.get(name, ""))
            if genre:
                found[name] = Entity(EntityKind.GENRE, genre)
            elif key in named:
                found[name] = Entity(_KINDS[named[key].kind], named[key].ids)
        return found | await self._tracks_of([name for name in names if name not in found])

    async def _tracks_of(self, names: Iterable[str]) -> dict[str, Entity]:
        """Every dash as the one between artist and title, from the left."""
        refs: dict[SeedRef, str] = {}
        for name in names:
            parts = name[:LONGEST_ENTITY].split(_DASH)
            for cut in range(1, min(len(parts), 4)):
                ref = SeedRef(artist=_DASH.join(parts[:cut]), title=_DASH.join(parts[cut:]))
                refs.setdefault(ref, name)
        ids = await self._resolver.resolve_all(list(refs)) if refs else {}
        found: dict[str, Entity] = {}
        for ref, name in refs.items():
            if ref in ids:
                found.setdefault(name, Entity(EntityKind.TRACK, (ids[ref],)))
        return found


def _genres(phrases: Iterable[str], evidence: TrackEvidence) -> dict[str, tuple[int, ...]]:
    """The tracks of those of the phrases that mean a genre. Array work."""
    found: dict[str, tuple[int, ...]] = {}
    for phrase in dict.fromkeys(phrases):
        if len(found) == MOST_GENRES_AT_ONCE:
            break
        meaning = meaning_of(phrase) or evidence.tag(phrase)
        if meaning is not None and meaning.topic is Topic.GENRE:
            found[phrase] = _surest(meaning, evidence)
    return found


def _surest(genre: Meaning, evidence: TrackEvidence) -> tuple[int, ...]:
    """The tracks that are surest to be of a genre; none if it is none of the library's."""
    for sign, _ in genre.signs:
        if isinstance(sign, StyleSign):
            scores = evidence.of_style(sign).scores
            surest = float(scores.max(initial=0.0))
            if surest > 0:
                return tuple(evidence.ids[scores >= min(SURE, surest)].tolist())
    return ()
