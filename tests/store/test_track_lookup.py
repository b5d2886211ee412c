"""From paths and names to tracks, many at a time."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable, Sequence

import pytest

from harmonie_daemon.domain.track import Tags, TrackId
from harmonie_daemon.store.track_lookup import (
    BATCH,
    LONGEST_PATH_BYTES,
    MOST_FOLDERS,
    NameKeys,
    TrackLookup,
    folded_name_key,
    name_key,
)
from harmonie_daemon.store.tracks import Tracks
from tests.store.factories import make_file, save_track

Find = Callable[[TrackLookup, Sequence[str]], dict[str, TrackId]]
WAYS: tuple[Find, ...] = (
    TrackLookup.by_path,
    TrackLookup.by_relative_path,
    TrackLookup.by_suffix,
)
LARGEST_PEAK_BYTES = 2 << 20


async def found(tracks: Tracks, find: Find, *paths: str) -> dict[str, TrackId]:
    return await tracks.look_up(lambda lookup: find(lookup, paths))


async def named(
    tracks: Tracks, artist: str | None = None, album: str | None = None, title: str | None = None
) -> TrackId | None:
    keys = NameKeys(name_key(artist), name_key(album), name_key(title))
    return (await tracks.look_up(lambda lookup: lookup.by_names([keys]))).get(keys)


async def loosely_named(tracks: Tracks, artist: str, title: str) -> TrackId | None:
    keys = NameKeys(folded_name_key(artist), None, folded_name_key(title))
    return (await tracks.look_up(lambda lookup: lookup.by_folded_names([keys]))).get(keys)


async def test_a_relative_path_in_two_roots_means_the_smallest_id(tracks: Tracks) -> None:
    first = await save_track(tracks, "x/1.mp3", root="/a")
    await save_track(tracks, "x/1.mp3", root="/b")
    assert await found(tracks, TrackLookup.by_relative_path, "x/1.mp3", "1.mp3") == {
        "x/1.mp3": first
    }
    assert await found(tracks, TrackLookup.by_path, "/b/x/1.mp3") == {"/b/x/1.mp3": first + 1}


async def test_a_path_under_another_mount_is_found_by_its_longest_tail(tracks: Tracks) -> None:
    shallow = await save_track(tracks, "1.mp3")
    deep = await save_track(tracks, "x/1.mp3")
    foreign = ("/mnt/nas/x/1.mp3", "/mnt/nas/y/1.mp3", "/mnt/nas/y/x1.mp3", "/", "")
    assert await found(tracks, TrackLookup.by_suffix, *foreign) == {
        "/mnt/nas/x/1.mp3": deep,
        "/mnt/nas/y/1.mp3": shallow,
    }


async def test_an_undecodable_file_is_not_found_by_path(tracks: Tracks) -> None:
    await tracks.record_failure(make_file("x.mp3"), None, "broken")
    for find in WAYS:
        assert await found(tracks, find, "/music/x.mp3", "x.mp3") == {}


async def test_names_are_found_the_way_people_compare_them(tracks: Tracks) -> None:
    tags = Tags(artist="BJÖRK", album="Straße", title=" Human ")
    first = await save_track(tracks, "a", tags=tags)
    await save_track(tracks, "b", tags=tags)
    assert await named(tracks, artist="bjo\u0308rk", album="STRASSE", title="human") == first
    assert await named(tracks, title="HUMAN", artist="Björk") == first
    assert await named(tracks, title="human", artist="Sakis") is None
    assert await named(tracks, title="human", artist="\udcff") is None
    assert await named(tracks, artist=" ") is None
    assert await named(tracks, title="human" + 100_000 * "x") is None


async def test_any_of_several_artists_is_found(tracks: Tracks) -> None:
    other = await save_track(tracks, "b", tags=Tags(artist="Z", title="Oral"))
    tags = Tags(
        artist="Björk",
        title="Oral",
        further_artists=("ROSALÍA", "Z"),
        album_artist="Y",
        further_album_artists=("X",),
    )
    track_id = await save_track(tracks, "a", tags=tags)
    for artist in ("björk", "rosalía"):
        assert await named(tracks, artist, title="oral") == track_id
    assert await named(tracks, "z", title="oral") == other
    assert await named(tracks, "x", title="oral") is None
    assert await named(tracks, "rosalia", title="oral") is None
    assert await loosely_named(tracks, "rosalia", "oral") == track_id
    assert await loosely_named(tracks, "bjork", "órál") == track_id


async def test_a_title_alone_is_found_if_only_one_track_has_it(tracks: Tracks) -> None:
    for name, title in (("a", "Jóga"), ("b", "Intro"), ("c", "Intro"), ("d", "joga")):
        await save_track(tracks, name, tags=Tags(title=title))
    keys = ["jóga", "intro", "joga", "none"]
    exact = await tracks.look_up(lambda lookup: lookup.by_title_alone(keys))
    assert exact == {"jóga": 1, "joga": 4}
    assert await tracks.look_up(lambda lookup: lookup.by_folded_title_alone(keys)) == {}


async def test_a_batch_finds_what_each_would_find_alone(tracks: Tracks) -> None:
    ids = [await save_track(tracks, f"{n}.mp3", tags=Tags(title=str(n))) for n in range(3)]
    paths = [f"/music/{n}.mp3" for n in range(2 * BATCH + 1)]
    for find in (TrackLookup.by_path, TrackLookup.by_suffix):
        assert list((await found(tracks, find, *paths)).values()) == ids
    keys = [NameKeys(None, None, str(n)) for n in range(2 * BATCH + 1)]
    keys.insert(1, NameKeys(None, "none", "1"))
    by_names = await tracks.look_up(lambda lookup: lookup.by_names(keys))
    assert by_names == {NameKeys(None, None, str(n)): id_ for n, id_ in enumerate(ids)}


async def test_what_no_file_can_be_called_is_not_found(tracks: Tracks) -> None:
    await save_track(tracks, "1.mp3")
    too_long = "a/" * (LONGEST_PATH_BYTES // 2) + "1.mp3"
    for path in ("/music/\ud800.mp3", "", "/music/a\0b", too_long, "é" * LONGEST_PATH_BYTES):
        for find in WAYS:
            assert await found(tracks, find, path) == {}


async def test_any_number_of_folders_may_stand_before_a_relative_path(tracks: Tracks) -> None:
    track_id = await save_track(tracks, "x/1.mp3")
    path = "a/" * (LONGEST_PATH_BYTES // 2 - 10) + "x/1.mp3"
    assert await found(tracks, TrackLookup.by_suffix, path) == {path: track_id}


@pytest.mark.parametrize("folders", [MOST_FOLDERS, 2_000, 20_000])
async def test_a_path_of_many_folders_takes_little_memory(tracks: Tracks, folders: int) -> None:
    """Every tail of a path of n folders is n² bytes."""
    await save_track(tracks)
    tracemalloc.start()
    try:
        assert await found(tracks, TrackLookup.by_suffix, "a/" * folders + "x.mp3") == {}
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak_bytes < LARGEST_PEAK_BYTES
