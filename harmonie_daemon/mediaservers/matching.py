"""Their item ↔ our track: by path, then by MusicBrainz id, then by tags; pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Protocol

from harmonie_daemon.domain.catalogue import MatchedBy, RemoteTrack, Unmatched
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
from harmonie_daemon.store.catalogue_items import Keyed, cleaned
from harmonie_daemon.store.records import MatchKeys


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
    for track in ours:
        found = ladder.find(track)
        if isinstance(found, Unmatched):
            unmatched[track.root] += 1
        else:
            ids[track.id] = found[0].id
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
    for file in files:
        at_path = ladder.at_path(file.path)
        if at_path is not None:
            found.setdefault(at_path[0].id, file)
    return found


class Items(Protocol):
    """Their items, wherever they are kept."""

    def with_key(self, key: int) -> Sequence[RemoteTrack]:
        """Those of which this is one of the ``item_keys``, in the order of their arrival."""


class ListedItems:
    """In memory."""

    def __init__(self, theirs: Iterable[RemoteTrack]) -> None:
        self._by_key: dict[int, list[RemoteTrack]] = defaultdict(list)
        for item in theirs:
            for key in item_keys(item):
                self._by_key[key].append(item)

    def with_key(self, key: int) -> Sequence[RemoteTrack]:
        """See ``Items``."""
        return self._by_key.get(key, ())


def keyed(item: RemoteTrack) -> Keyed:
    """An item as it is kept, and how it is found again."""
    item = cleaned(item)
    return item, item_keys(item)


def item_keys(item: RemoteTrack) -> frozenset[int]:
    """Digests of all that an item can be recognised by: its path, its ids, its names."""
    keys = {_musicbrainz_key(one) for one in item.musicbrainz_ids}
    if item.path is not None:
        keys.add(_path_key(folded_parts(item.path)))
    title = text_key(item.title)
    if title is not None:
        artists = filter(None, (text_key(name) for name in item.artists))
        keys.update(_name_key(artist, title) for artist in artists)
    return frozenset(keys)


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

    def find(self, track: MatchKeys) -> tuple[RemoteTrack, MatchedBy] | Unmatched:
        """Their item for one track of ours, or why there is none."""
        return self.at_path(track.path) or self.elsewhere(track)

    def at_path(self, path: str) -> tuple[RemoteTrack, MatchedBy] | None:
        """Their item at this path of ours, if any."""
        parts = folded_parts(display_path(path))
        for ours, theirs, how in self._mappings:
            translated = translate(parts, ours, theirs)
            if translated is not None:
                item = _same_spelling(path, self._items.with_key(_path_key(translated)))
                if item is not None:
                    return item, how
        return None

    def elsewhere(self, track: MatchKeys) -> tuple[RemoteTrack, MatchedBy] | Unmatched:
        """Their item at whatever path, by its ids and tags."""
        item = self._by_id(track)
        return (item, MatchedBy.MUSICBRAINZ) if item is not None else self._by_tags(track)

    def _by_id(self, track: MatchKeys) -> RemoteTrack | None:
        """A recording may stand on many albums: the one on this album is preferred."""
        ids = {track.musicbrainz_recording_id, track.musicbrainz_track_id} - {None}
        candidates = [
            item
            for musicbrainz_id in sorted(filter(None, ids))
            for item in self._items.with_key(_musicbrainz_key(musicbrainz_id.lower()))
            if _lasts_as_long(track, item, unknown=True)
        ]
        return _nearest(track, [i for i in candidates if _same_album(track, i)] or candidates)

    def _by_tags(self, track: MatchKeys) -> tuple[RemoteTrack, MatchedBy] | Unmatched:
        """Artist, album, title and number; else artist, title and duration."""
        if track.title_key is None or not track.artist_keys:
            return Unmatched.NO_TAGS
        candidates = {
            item.id: item
            for artist in sorted(track.artist_keys)
            for item in self._items.with_key(_name_key(artist, track.title_key))
        }.values()
        exact = [
            item
            for item in candidates
            if _same_album(track, item) and item.track_number == track.track_number
        ]
        found = _nearest(track, exact)
        if found is not None:
            return found, MatchedBy.TAGS
        found = _nearest(
            track, [item for item in candidates if _lasts_as_long(track, item, unknown=False)]
        )
        if found is not None:
            return found, MatchedBy.DURATION
        if not candidates:
            return Unmatched.NOT_THERE
        return Unmatched.DIFFERS if len(candidates) == 1 else Unmatched.AMBIGUOUS


def _path_key(parts: Parts) -> int:
    return _digest("path", *parts)


def _musicbrainz_key(musicbrainz_id: str) -> int:
    return _digest("musicbrainz", musicbrainz_id)


def _name_key(artist: str, title: str) -> int:
    return _digest("name", artist, title)


def _digest(*parts: str) -> int:
    """64 bits, signed: of a million items two have the same once in forty million libraries."""
    text = "\0".join(parts).encode("utf-8", "replace")
    return int.from_bytes(blake2b(text, digest_size=8).digest(), "big", signed=True)


def our_place(track: MatchKeys) -> Located:
    """Where one of our tracks is."""
    return _place(track.path, track.relative_path, track.duration_s)


def _place(path: str, relative_path: str, duration_s: float | None) -> Located:
    depth = len([part for part in relative_path.split("/") if part])
    return Located(display_path(path), depth, duration_s)


def _their_places(theirs: Iterable[RemoteTrack]) -> list[Located]:
    return [their_place(item.path, item.duration_s) for item in theirs if item.path is not None]


def their_place(path: str, duration_s: float | None) -> Located:
    """Where one of their items is: of which root nobody knows."""
    return Located(path, len(folded_parts(path)), duration_s)


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
