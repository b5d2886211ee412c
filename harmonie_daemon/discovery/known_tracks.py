"""From tracks as somebody names them to what the library knows of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harmonie_daemon.discovery.story_sounds import StoryTrack
from harmonie_daemon.domain.mood import TrackMoods
from harmonie_daemon.domain.playlist import SeedRef
from harmonie_daemon.domain.track import Track, TrackId
from harmonie_daemon.similarity.resolve import Resolver
from harmonie_daemon.store.tracks import Tracks


@dataclass(frozen=True, slots=True)
class NamedTrack:
    """A track as somebody names it."""

    title: str
    artist: str | None = None
    genre: str | None = None


class KnownTracks:
    """Finds them in the library."""

    def __init__(self, tracks: Tracks, resolver: Resolver) -> None:
        self._tracks, self._resolver = tracks, resolver

    async def for_stories(self, named: Sequence[NamedTrack]) -> tuple[StoryTrack, ...]:
        """Each as a story knows it: with what was measured, or only as it was named."""
        refs = [SeedRef(artist=one.artist, title=one.title) for one in named]
        ids = await self._resolver.resolve_all(refs)
        wanted = list(dict.fromkeys(ids.values()))
        tracks = {track.id: track for track in await self._tracks.get_many(wanted)}
        moods = await self._tracks.moods(wanted)
        return tuple(
            _as_heard(one, tracks[ids[ref]], moods)
            if ref in ids and ids[ref] in tracks
            else StoryTrack(one.title, one.artist, one.genre)
            for one, ref in zip(named, refs, strict=True)
        )


def _as_heard(named: NamedTrack, track: Track, moods: Mapping[TrackId, TrackMoods]) -> StoryTrack:
    heard, felt = track.descriptors, moods.get(track.id)
    style = track.styles[0].style if track.styles else None
    has_key = heard.key is not None and heard.scale is not None
    return StoryTrack(
        title=named.title,
        artist=named.artist or track.tags.artist,
        genre=named.genre or style,
        bpm=heard.known_bpm,
        energy=None if felt is None else felt.energy.value,
        valence=None if felt is None else felt.valence.value,
        key=f"{heard.key} {heard.scale}" if has_key else None,
        year=year_of(track.tags.date),
        mood=None if felt is None else felt.top(1)[0][0],
    )


def year_of(date: str | None) -> int | None:
    """The year that a date as tags write it begins with."""
    digits = (date or "")[:4]
    return int(digits) if len(digits) == 4 and digits.isascii() and digits.isdigit() else None
