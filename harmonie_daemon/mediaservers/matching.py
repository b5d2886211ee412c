"""Their item ↔ our track: by path, then by MusicBrainz id, then by tags; pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from harmonie_daemon.domain.catalogue import MatchedBy, RemoteTrack, Unmatched
from harmonie_daemon.domain.text import text_key
from harmonie_daemon.domain.track import AudioFile, TrackId, display_path
from harmonie_daemon.mediaservers.item_keys import (
    item_keys,
    musicbrainz_key,
    name_key,
    path_key,
)
from harmonie_daemon.mediaservers.path_mapping import (
    DURATION_TOLERANCE_S,
    FolderMapping,
    Located,
    folded_parts,
    learn_mappings,
    longest_first,
    translate,
)
from harmonie_daemon.store.catalogue_items import RemotePath
from harmonie_daemon.store.records import MatchKeys, OurPlace

BATCH = 500
"""Tracks whose items are looked up at once by their paths."""
TAGGED_BATCH = 100
"""By ids and tags, where each may be hundreds."""

T = TypeVar("T")
Found = tuple[str, MatchedBy]
"""An item, and how it was found."""
Climb = Sequence[tuple[int, MatchedBy]]
"""Where a track may be, the surest first: digests of paths."""
ByKey = Mapping[int, Sequence[RemoteTrack]]


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
    learned = learn_mappings([our_place(track) for track in ours], _their_places(theirs))
    ladder = Ladder(ListedItems(theirs), mappings, learned)
    ids: dict[TrackId, str] = {}
    unmatched: Counter[str] = Counter()
    for batch in batches(ours):
        for track, found in zip(batch, ladder.find(batch), strict=True):
            if isinstance(found, Unmatched):
                unmatched[track.root] += 1
            else:
                ids[track.id] = found[0]
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
    learned = learn_mappings(places, _their_places(theirs))
    ladder = Ladder(ListedItems(theirs), mappings, learned)
    found: dict[str, AudioFile] = {}
    for batch in batches(files):
        at_paths = ladder.at_paths([file.path for file in batch])
        for file, at_path in zip(batch, at_paths, strict=True):
            if at_path is not None:
                found.setdefault(at_path[0], file)
    return found


def batches(whole: Sequence[T], size: int = BATCH) -> Iterator[Sequence[T]]:
    """So many at a time."""
    return (whole[start : start + size] for start in range(0, len(whole), size))


class Items(Protocol):
    """Their items, wherever they are kept."""

    def with_keys(self, keys: Collection[int]) -> Mapping[int, Sequence[RemoteTrack]]:
        """Those of which each of these is one of the ``item_keys``, in the order of their
        arrival; keys of no item may be left out."""

    def paths_with_keys(self, keys: Collection[int]) -> Mapping[int, Sequence[RemotePath]]:
        """The same, but nothing of them than where they lie."""


class ListedItems:
    """In memory."""

    def __init__(self, theirs: Iterable[RemoteTrack]) -> None:
        self._by_key: dict[int, list[RemoteTrack]] = defaultdict(list)
        for item in theirs:
            for key in item_keys(item):
                self._by_key[key].append(item)

    def with_keys(self, keys: Collection[int]) -> Mapping[int, Sequence[RemoteTrack]]:
        """See ``Items``."""
        return {key: self._by_key[key] for key in keys if key in self._by_key}

    def paths_with_keys(self, keys: Collection[int]) -> Mapping[int, Sequence[RemotePath]]:
        """See ``Items``."""
        found = self.with_keys(keys)
        return {key: [(item.id, item.path) for item in items] for key, items in found.items()}


class Ladder:
    """Their items by everything that identifies them; the first rung that holds decides."""

    def __init__(
        self, items: Items, explicit: Sequence[FolderMapping], learned: Sequence[FolderMapping]
    ) -> None:
        self._items = items
        rungs = (
            *((mapping, MatchedBy.MAPPING) for mapping in longest_first(explicit)),
            (FolderMapping("", ""), MatchedBy.PATH),
            *((mapping, MatchedBy.LEARNED) for mapping in longest_first(learned)),
        )
        self._mappings = [
            (folded_parts(mapping.ours), folded_parts(mapping.theirs), how)
            for mapping, how in rungs
        ]

    def find(self, tracks: Sequence[MatchKeys]) -> list[Found | Unmatched]:
        """Their item for each of these tracks of ours, or why there is none."""
        placed = self.at_paths([track.path for track in tracks])
        missed = [track for track, found in zip(tracks, placed, strict=True) if found is None]
        elsewhere = iter(self.elsewhere(missed))
        return [found if found is not None else next(elsewhere) for found in placed]

    def at_paths(self, paths: Sequence[str]) -> list[Found | None]:
        """Their item at each of these paths of ours, if any."""
        climbs = [self._climb(path) for path in paths]
        items = self._items.paths_with_keys({key for climb in climbs for key, _ in climb})
        return [_highest(path, climb, items) for path, climb in zip(paths, climbs, strict=True)]

    def _climb(self, path: str) -> Climb:
        parts = folded_parts(display_path(path))
        return [
            (path_key(translated), how)
            for ours, theirs, how in self._mappings
            if (translated := translate(parts, ours, theirs)) is not None
        ]

    def elsewhere(self, tracks: Sequence[MatchKeys]) -> list[Found | Unmatched]:
        """Their item for each of these at whatever path, by its ids and tags."""
        wanted = {key for track in tracks for key in (*_id_keys(track), *_name_keys(track))}
        items = self._items.with_keys(wanted)
        return [_by_id(track, items) or _by_tags(track, items) for track in tracks]


def _highest(path: str, climb: Climb, items: Mapping[int, Sequence[RemotePath]]) -> Found | None:
    """What stands on the first rung that holds."""
    for key, how in climb:
        if (candidates := items.get(key)) is not None:
            return _same_spelling(path, candidates), how
    return None


def _by_id(track: MatchKeys, items: ByKey) -> Found | None:
    """A recording may stand on many albums: the one on this album is preferred."""
    candidates = [
        item
        for key in _id_keys(track)
        for item in items.get(key, ())
        if _lasts_as_long(track, item, unknown=True)
    ]
    on_album = [item for item in candidates if _same_album(track, item)]
    found = _nearest(track, on_album or candidates)
    return None if found is None else (found.id, MatchedBy.MUSICBRAINZ)


def _by_tags(track: MatchKeys, items: ByKey) -> Found | Unmatched:
    """Artist, album, title and number; else artist, title and duration."""
    keys = _name_keys(track)
    if not keys:
        return Unmatched.NO_TAGS
    candidates = {item.id: item for key in keys for item in items.get(key, ())}.values()
    exact = [
        item
        for item in candidates
        if _same_album(track, item) and item.track_number == track.track_number
    ]
    found = _nearest(track, exact)
    if found is not None:
        return found.id, MatchedBy.TAGS
    found = _nearest(
        track, [item for item in candidates if _lasts_as_long(track, item, unknown=False)]
    )
    if found is not None:
        return found.id, MatchedBy.DURATION
    if not candidates:
        return Unmatched.NOT_THERE
    return Unmatched.DIFFERS if len(candidates) == 1 else Unmatched.AMBIGUOUS


def _id_keys(track: MatchKeys) -> list[int]:
    ids = {track.musicbrainz_recording_id, track.musicbrainz_track_id} - {None}
    return [musicbrainz_key(one.lower()) for one in sorted(filter(None, ids))]


def _name_keys(track: MatchKeys) -> list[int]:
    title = track.title_key
    if title is None:
        return []
    return [name_key(artist, title) for artist in sorted(track.artist_keys)]


def our_place(track: MatchKeys | OurPlace) -> Located:
    """Where one of our tracks is."""
    return _place(track.path, track.relative_path, track.duration_s)


def _place(path: str, relative_path: str, duration_s: float | None) -> Located:
    depth = len([part for part in relative_path.split("/") if part])
    return Located(display_path(path), depth, duration_s)


def _their_places(theirs: Iterable[RemoteTrack]) -> list[Located]:
    return [their_place(item.path, item.duration_s) for item in theirs if item.path is not None]


def their_place(path: str, duration_s: float | None) -> Located:
    """Where one of their items is: of which root nobody knows."""
    return Located(path, None, duration_s)


def _same_spelling(path: str, candidates: Sequence[RemotePath]) -> str:
    """Of paths that differ in case only, the item whose is spelled most like ours."""
    if len(candidates) == 1:
        return candidates[0][0]
    ours = display_path(path).split("/")[::-1]

    def alike(place: RemotePath) -> int:
        theirs = (place[1] or "").replace("\\", "/").split("/")[::-1]
        return sum(mine == yours for mine, yours in zip(ours, theirs, strict=False))

    return min(candidates, key=lambda place: (-alike(place), place[0]))[0]


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
