from __future__ import annotations

import dataclasses

from harmonie_daemon.domain.playlist import SavedPlaylist
from harmonie_daemon.domain.track import TrackId
from harmonie_daemon.store.database import Database
from harmonie_daemon.store.playlists import Playlists, RemotePlaylist, RemoteState, TargetState
from harmonie_daemon.store.tracks import Tracks
from tests.store.factories import make_file, save_track

REMOTE = RemotePlaylist("jellyfin", "mix", "anna", "id-1", "Daily mix", "hash", 5.0)


def make_playlist(key: str, *ids: int, recipe: str = "daily") -> SavedPlaylist:
    return SavedPlaylist(key, recipe, f"Name of {key}", tuple(map(TrackId, ids)), 12.5)


async def test_a_playlist_comes_back_in_its_order(db: Database, tracks: Tracks) -> None:
    playlists = Playlists(db)
    a, b, c = [await save_track(tracks, name) for name in "abc"]
    mix = make_playlist("mix", c, a, b, a)
    await playlists.save(mix)
    assert await playlists.get("mix") == mix
    assert await playlists.get("other") is None


async def test_saving_again_replaces_name_and_items(db: Database, tracks: Tracks) -> None:
    playlists = Playlists(db)
    a, b = [await save_track(tracks, name) for name in "ab"]
    await playlists.save(make_playlist("mix", a, b))
    renamed = dataclasses.replace(make_playlist("mix", b), name="Later", recipe="weekly")
    await playlists.save(renamed)
    assert await playlists.all() == [renamed]


async def test_playlists_are_found_by_recipe(db: Database) -> None:
    playlists = Playlists(db)
    y, x, other = (make_playlist("y"), make_playlist("x"), make_playlist("o", recipe="other"))
    for playlist in (y, x, other):
        await playlists.save(playlist)
    assert await playlists.by_recipe("daily") == [x, y]
    assert await playlists.all() == [other, x, y]
    await playlists.delete("x")
    assert await playlists.by_recipe("daily") == [y]


async def test_vanished_tracks_leave_playlists_and_failed_ones_keep_their_place(
    db: Database, tracks: Tracks
) -> None:
    playlists = Playlists(db)
    a, b, c = [await save_track(tracks, name) for name in "abc"]
    await playlists.save(make_playlist("mix", a, b, c, 99))
    await tracks.remove([b])
    await tracks.record_failure(make_file("a"), None, "broken")
    saved = await playlists.get("mix")
    assert saved is not None
    assert saved.track_ids == (a, c)


async def test_remote_playlists_are_kept_by_target_key_and_user(db: Database) -> None:
    playlists = Playlists(db)
    for_ben = dataclasses.replace(REMOTE, user="ben", remote_id="id-2")
    on_disk = dataclasses.replace(REMOTE, target="m3u")
    for remote in (for_ben, REMOTE, on_disk):
        await playlists.save_remote(remote)
    assert await playlists.remotes("jellyfin") == [REMOTE, for_ben]
    assert await playlists.remotes("m3u") == [on_disk]
    changed = dataclasses.replace(REMOTE, name="New", content_hash="other", pushed_at=6.0)
    await playlists.save_remote(changed)
    assert await playlists.remotes("jellyfin") == [changed, for_ben]
    await playlists.forget_remote(changed)
    assert await playlists.remotes("jellyfin") == [for_ben]


async def test_one_copy_is_in_place_and_the_superseded_ones_stay_beside_it(db: Database) -> None:
    playlists = Playlists(db)
    old = dataclasses.replace(REMOTE, state=RemoteState.SUPERSEDED)
    asked = dataclasses.replace(REMOTE, remote_id="", state=RemoteState.UNCONFIRMED)
    made = dataclasses.replace(REMOTE, remote_id="id-2")
    await playlists.save_remote(REMOTE)
    await playlists.save_remote(old, asked)
    assert await playlists.remotes("jellyfin") == [asked, old]
    await playlists.save_remote(made)
    assert await playlists.remotes("jellyfin") == [old, made]
    await playlists.forget_remote(old)
    assert await playlists.remotes("jellyfin") == [made]


async def test_a_remote_copy_outlives_its_playlist(db: Database) -> None:
    playlists = Playlists(db)
    await playlists.save(make_playlist("mix"))
    await playlists.save_remote(REMOTE)
    await playlists.delete("mix")
    assert await playlists.remotes("jellyfin") == [REMOTE]


async def test_a_target_starts_with_a_clean_slate(db: Database) -> None:
    playlists = Playlists(db)
    assert await playlists.backoff("jellyfin") == TargetState("jellyfin")
    state = TargetState("jellyfin", 3, 99.5, "refused", 12.0)
    await playlists.save_backoff(state)
    assert await playlists.backoff("jellyfin") == state
    again = TargetState("jellyfin", 0, 0.0, None, 100.0)
    await playlists.save_backoff(again)
    assert await playlists.backoff("jellyfin") == again
