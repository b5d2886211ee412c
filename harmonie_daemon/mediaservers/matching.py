"""Their item ↔ our track: by path, then by MusicBrainz id, then by tags.

Item ids follow from paths on the server's side, so a match is made anew for each push and
never remembered.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from harmonie_daemon.domain.text import text_key
from harmonie_daemon.domain.track import AudioFile, TrackId, display_path
from harmonie_daemon.mediaservers.path_mapping import (
    DURATION_TOLERANCE_S,
    FolderMapping,
    Located,
    Parts,
    folded_parts,
    learn_mappings,
    longest_first,
    translate,
)
from harmonie_daemon.store.records import MatchKeys


@dataclass(frozen=True, slots=True)
class RemoteTrack:
    """One audio item of the server, as far as recognising it needs."""

    id: str
    path: str | None
    title: str | None
    album: str | None
    artists: tuple[str, ...]
    """Track artists, then the album artists."""
    track_number: int | None
    duration_s: float | None
    musicbrainz_ids: frozenset[str]
    """Recording and track ids, lower case."""


@dataclass(frozen=True, slots=True)
class Matching:
    """Which of their items each of our tracks is."""

    ids: Mapping[TrackId, str]
    learned: tuple[FolderMapping, ...]
    unmatched_by_root: Mapping[str, int]
    """Tracks without a match per library root; roots without any are left out."""


def match_tracks(
    ours: Sequence[MatchKeys],
    theirs: Sequence[RemoteTrack],
    mappings: Sequence[FolderMapping] = (),
) -> Matching:
    """Match every track of ours, with ``mappings`` where given and learned ones elsewhere."""
    learned = learn_mappings([_our_place(track) for track in ours], _their_places(theirs))
    ladder = _Ladder(theirs, mappings, learned)
    ids: dict[TrackId, str] = {}
    unmatched: Counter[str] = Counter()
    for track in ours:
        found = ladder.find(track)
        if found is None:
            unmatched[track.root] += 1
        else:
            ids[track.id] = found.id
    return Matching(ids, learned, dict(unmatched))


def locate_files(
    files: Sequence[AudioFile],
    theirs: Sequence[RemoteTrack],
    mappings: Sequence[FolderMapping] = (),
) -> Mapping[str, AudioFile]:
    """Which file of ours each of their items is, by path alone: nobody need have read its tags.

    An item that two files lead to is the first one's.
    """
    places = [_place(file.path, file.relative_path, None) for file in files]
    ladder = _Ladder(theirs, mappings, learn_mappings(places, _their_places(theirs)))
    found: dict[str, AudioFile] = {}
    for file in files:
        item = ladder.at_path(file.path)
        if item is not None:
            found.setdefault(item.id, file)
    return found


class _Ladder:
    """Their items by everything that identifies them; the first rung that holds decides."""

    def __init__(
        self,
        theirs: Sequence[RemoteTrack],
        explicit: Sequence[FolderMapping],
        learned: Sequence[FolderMapping],
    ) -> None:
        unmapped = FolderMapping("", "")
        self._mappings = [
            (folded_parts(mapping.ours), folded_parts(mapping.theirs))
            for mapping in (*longest_first(explicit), unmapped, *longest_first(learned))
        ]
        self._by_path: dict[Parts, list[RemoteTrack]] = defaultdict(list)
        self._by_musicbrainz: dict[str, list[RemoteTrack]] = defaultdict(list)
        self._by_title: dict[tuple[str, str], list[RemoteTrack]] = defaultdict(list)
        for item in theirs:
            self._add(item)

    def _add(self, item: RemoteTrack) -> None:
        if item.path is not None:
            self._by_path[folded_parts(item.path)].append(item)
        for musicbrainz_id in item.musicbrainz_ids:
            self._by_musicbrainz[musicbrainz_id].append(item)
        title = text_key(item.title)
        for artist in filter(None, {text_key(name) for name in item.artists}):
            if title is not None:
                self._by_title[artist, title].append(item)

    def find(self, track: MatchKeys) -> RemoteTrack | None:
        """Their item for one track of ours, if any."""
        return self.at_path(track.path) or self._by_id(track) or self._by_tags(track)

    def at_path(self, path: str) -> RemoteTrack | None:
        """Their item at this path of ours, if any."""
        parts = folded_parts(display_path(path))
        for ours, theirs in self._mappings:
            translated = translate(parts, ours, theirs)
            if translated is not None and translated in self._by_path:
                return _same_spelling(path, self._by_path[translated])
        return None

    def _by_id(self, track: MatchKeys) -> RemoteTrack | None:
        """A recording may stand on many albums: the one on this album is preferred."""
        ids = {track.musicbrainz_recording_id, track.musicbrainz_track_id} - {None}
        candidates = [
            item
            for musicbrainz_id in sorted(filter(None, ids))
            for item in self._by_musicbrainz.get(musicbrainz_id.lower(), ())
            if _lasts_as_long(track, item, unknown=True)
        ]
        return _nearest(track, [i for i in candidates if _same_album(track, i)] or candidates)

    def _by_tags(self, track: MatchKeys) -> RemoteTrack | None:
        """Artist, album, title and number; else artist, title and duration."""
        if track.title_key is None:
            return None
        candidates = [
            item
            for artist in sorted(track.artist_keys)
            for item in self._by_title.get((artist, track.title_key), ())
        ]
        exact = [
            item
            for item in candidates
            if _same_album(track, item) and item.track_number == track.track_number
        ]
        alike = [item for item in candidates if _lasts_as_long(track, item, unknown=False)]
        return _nearest(track, exact or alike)


def _our_place(track: MatchKeys) -> Located:
    return _place(track.path, track.relative_path, track.duration_s)


def _place(path: str, relative_path: str, duration_s: float | None) -> Located:
    depth = len([part for part in relative_path.split("/") if part])
    return Located(display_path(path), depth, duration_s)


def _their_places(theirs: Iterable[RemoteTrack]) -> list[Located]:
    return [
        Located(item.path, len(folded_parts(item.path)), item.duration_s)
        for item in theirs
        if item.path is not None
    ]


def _same_spelling(path: str, candidates: Sequence[RemoteTrack]) -> RemoteTrack | None:
    """Of paths that differ in case only, the one that is spelled most like ours."""
    ours = display_path(path).split("/")[::-1]

    def alike(item: RemoteTrack) -> int:
        theirs = (item.path or "").replace("\\", "/").split("/")[::-1]
        return sum(mine == yours for mine, yours in zip(ours, theirs, strict=False))

    return min(candidates, key=lambda item: (-alike(item), item.id), default=None)


def _nearest(track: MatchKeys, candidates: Sequence[RemoteTrack]) -> RemoteTrack | None:
    """The candidate whose duration comes closest; the smallest id among equals."""
    return min(candidates, key=lambda item: (_difference_s(track, item), item.id), default=None)


def _same_album(track: MatchKeys, item: RemoteTrack) -> bool:
    return track.album_key is not None and track.album_key == text_key(item.album)


def _lasts_as_long(track: MatchKeys, item: RemoteTrack, *, unknown: bool) -> bool:
    if item.duration_s is None:
        return unknown
    return _difference_s(track, item) <= DURATION_TOLERANCE_S


def _difference_s(track: MatchKeys, item: RemoteTrack) -> float:
    if item.duration_s is None:
        return 0.0
    return abs(track.duration_s - item.duration_s)
