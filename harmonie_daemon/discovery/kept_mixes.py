"""Mixes that somebody wants to keep: saved playlists, which the next push brings to the targets."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from harmonie_daemon.discovery.mix import Mix
from harmonie_daemon.domain.playlist import SavedPlaylist
from harmonie_daemon.domain.text import text_key
from harmonie_daemon.playlists.makers import Maker
from harmonie_daemon.playlists.naming import slug
from harmonie_daemon.store.playlists import Playlists

MAKER = "discovery"
MOST_KEPT = 100
"""So many; the ones that were kept longest ago go, here and at the targets."""
LONGEST_KEY = 80
NO_LETTERS = slug("")


class KeptMixes:
    """Keeps them; one of the same theme takes the place of the one before."""

    def __init__(self, playlists: Playlists, clock: Callable[[], float]) -> None:
        """``clock`` gives Unix time."""
        self._maker = Maker(MAKER, playlists)
        self._clock = clock

    async def keep(self, theme: str, mix: Mix) -> str:
        """Keep a mix that has tracks; its key. Raises ``StoreError``."""
        key = self._maker.key(_word_of(theme))
        kept = SavedPlaylist(
            key=key,
            recipe="",
            name=mix.name,
            track_ids=tuple(one.track.id for one in mix.tracks),
            refreshed_at=self._clock(),
            description=mix.description,
        )
        others = [one for one in await self._maker.playlists() if one.key != key]
        others.sort(key=lambda one: (-one.refreshed_at, one.key))
        await self._maker.put([kept], instead_of=others[MOST_KEPT - 1 :])
        return key


def _word_of(theme: str) -> str:
    """Its words; themes that differ beyond them, or have none, are told apart by a digest."""
    words = slug(theme)
    if len(words) <= LONGEST_KEY and words != NO_LETTERS:
        return words
    digest = hashlib.sha256((text_key(theme) or "").encode()).hexdigest()[:12]
    return f"{words[: LONGEST_KEY - 13]}-{digest}"
