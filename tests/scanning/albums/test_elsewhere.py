"""Tracks that only the server has: fetched, heard, kept apart, let go of."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from pydantic import SecretStr

from harmonie_daemon.domain.playlist import SavedPlaylist
from harmonie_daemon.domain.remote_files import server_root
from harmonie_daemon.domain.task import TaskState
from harmonie_daemon.domain.track import TrackId
from harmonie_daemon.mediaservers.jellyfin import JellyfinTarget
from harmonie_daemon.mediaservers.m3u import M3uTarget
from harmonie_daemon.mediaservers.push import PushItem
from harmonie_daemon.scanning.albums import AnalysisRequest
from harmonie_daemon.store.catalogue import Catalogues
from harmonie_daemon.store.meta import Meta
from harmonie_daemon.store.playlists import Playlists
from tests.mediaservers.fake_faults import Fault
from tests.mediaservers.jellyfin_world import make_keyring
from tests.scanning.albums.scene import THEIR_ROOT, Scene, lines
from tests.scanning.world import wait_until


def only_there(
    scene: Scene, *titles: str, text: str = "artist=Far", added: str = "2024-01-01"
) -> list[str]:
    """Tracks that no disk of ours has; their ids."""
    return [
        scene.at_server("Far", title, number=n, added=added, content=f"{text} {title}".encode())
        for n, title in enumerate(titles, 1)
    ]


async def kept(scene: Scene) -> set[str]:
    """Items of which something is known under the server's root."""
    root = server_root(scene.fake.state.server_id)
    known = await scene.world.tracks.known_files([root])
    assert all(one.file.root == root for one in known)
    return {one.file.relative_path for one in known}


async def test_a_track_that_only_the_server_has_is_fetched_heard_and_deleted(
    scene: Scene,
) -> None:
    (item,) = only_there(scene, "x")
    record = await scene.analysed(0, server=scene.login())
    assert record.details["total_tracks_analyzed"] == 1, record
    assert await kept(scene) == {item}
    assert list(scene.downloads.iterdir()) == []
    (track,) = (await scene.world.library()).values()
    assert track.file.path == f"jellyfin:{scene.fake.state.server_id}/{item}"
    assert (track.tags.artist, track.tags.title, track.tags.album) == ("Far", "x", "Far")
    assert scene.fake.violations == []


async def test_it_is_fetched_once(scene: Scene) -> None:
    only_there(scene, "x")
    await scene.analysed(0, server=scene.login())
    record = await scene.analysed(0, server=scene.login())
    assert record.details["tracks_skipped"] == 1
    assert "Skipping 'x by FarBand' (already analyzed)" in lines(record)
    assert len(scene.fake.seen("GET", "/Items/.*/Download")) == 1


async def test_what_cannot_be_decoded_is_not_fetched_again(scene: Scene) -> None:
    only_there(scene, "x", text="broken")
    for _ in range(2):
        record = await scene.analysed(0, server=scene.login())
        assert record.details["recent_failures"] == ["x by FarBand: no audio in it"]
    assert len(scene.fake.seen("GET", "/Items/.*/Download")) == 1
    assert list(scene.downloads.iterdir()) == []


async def test_it_is_heard_anew_when_the_server_took_it_in_anew(scene: Scene) -> None:
    (item,) = only_there(scene, "x")
    await scene.analysed(0, server=scene.login())
    scene.fake.state.items[item].created_at = "2025-01-01T00:00:00.0000000Z"
    record = await scene.analysed(0, server=scene.login())
    assert record.details["total_tracks_analyzed"] == 1
    assert await kept(scene) == {item}


async def test_no_scan_hides_or_removes_it(scene: Scene) -> None:
    (item,) = only_there(scene, "x")
    scene.world.put("here.flac")
    await scene.analysed(0, server=scene.login())
    for force in (False, True):
        status = await scene.world.scanned(force=force)
        assert (status.removed, status.hidden, status.failed) == (0, 0, 0)
    await scene.world.scan.scan_paths(frozenset({str(scene.world.music)}))
    await scene.world.scan.wait()
    assert await kept(scene) == {item}
    assert len(await scene.world.library()) == 2


async def test_it_goes_when_the_server_lists_it_no_more(scene: Scene) -> None:
    gone, stays = only_there(scene, "x", "y")
    await scene.analysed(0, server=scene.login())
    del scene.fake.state.items[gone]
    await scene.analysed(0, server=scene.login())
    assert await kept(scene) == {stays}


async def test_a_server_that_lists_nothing_costs_nothing(scene: Scene) -> None:
    items = only_there(scene, "x")
    await scene.analysed(0, server=scene.login())
    scene.fake.state.items.clear()
    await scene.analysed(0, server=scene.login())
    assert await kept(scene) == set(items)


async def test_a_server_that_cannot_be_asked_costs_nothing(scene: Scene) -> None:
    items = only_there(scene, "x")
    await scene.analysed(0, server=scene.login())
    scene.fake.faults.armed.append(Fault("GET", "/Items", status=500))
    await scene.analysed(0, server=scene.login())
    assert await kept(scene) == set(items)


async def test_another_user_who_sees_less_costs_nothing(scene: Scene) -> None:
    alice = scene.fake.add_user("alice")
    seen, unseen = only_there(scene, "x", "y")
    await scene.analysed(0, server=scene.login())
    scene.fake.state.items[unseen].hidden_from = frozenset({alice.id})
    await scene.analysed(0, server=scene.login(user="alice"))
    assert await kept(scene) == {seen, unseen}


async def test_it_goes_when_the_file_is_here(scene: Scene) -> None:
    only_there(scene, "x")
    await scene.analysed(0, server=scene.login())
    scene.world.put("Far/x.flac", "title=x artist=FarBand")
    await scene.analysed(0, server=scene.login())
    await scene.analysed(0, server=scene.login())
    assert await kept(scene) == set()
    assert set(await scene.world.library()) == {"Far/x.flac"}


async def test_nothing_is_fetched_while_a_folder_is_away(scene: Scene) -> None:
    only_there(scene, "x")
    scene.world.music.rmdir()
    record = await scene.analysed(0, server=scene.login())
    assert "Could not analyze 'x by FarBand': it is not on this machine" in lines(record)
    assert scene.fake.seen("GET", "/Items/.*/Download") == []


@pytest.mark.parametrize(
    ("most", "reserve", "why"),
    [(10, 0, "it is larger than 0 MB"), (1000, 2**62, "there is too little room on the disk")],
)
async def test_a_download_is_bounded(scene: Scene, most: int, reserve: int, why: str) -> None:
    only_there(scene, "x", text="too much " * 5)
    scene.remote.most_bytes, scene.remote.reserve_bytes = most, reserve
    record = await scene.analysed(0, server=scene.login())
    assert record.details["recent_failures"] == [f"x by FarBand: {why}"]
    assert list(scene.downloads.iterdir()) == []
    assert await kept(scene) == set()


@pytest.mark.parametrize(
    "fault",
    [
        Fault("GET", "/Items/.*/Download", status=404),
        Fault("GET", "/Items/.*/Download", status=302),
        Fault("GET", "/Items/.*/Download", times=2),  # a client may ask a second time by itself
    ],
)
async def test_a_download_that_fails_is_that_tracks_failure_and_is_tried_again(
    scene: Scene, fault: Fault
) -> None:
    only_there(scene, "x", "y")
    scene.fake.faults.armed.append(fault)
    record = await scene.analysed(0, server=scene.login())
    assert (record.details["tracks_failed"], record.details["total_tracks_analyzed"]) == (1, 1)
    again = await scene.analysed(0, server=scene.login())
    assert again.details["total_tracks_analyzed"] == 1


async def test_a_user_who_may_not_download_is_given_the_file(scene: Scene) -> None:
    alice = scene.fake.add_user("alice")
    scene.fake.state.may_download = False
    only_there(scene, "x")
    record = await scene.analysed(0, server=scene.login(token=SecretStr(alice.token)))
    assert record.details["total_tracks_analyzed"] == 1, record


async def test_cancelled_while_it_is_fetched_nothing_is_left(scene: Scene) -> None:
    only_there(scene, "x", text="slow")
    handle = scene.analyses.submit(AnalysisRequest(0, 5, scene.login()))
    await wait_until(lambda: scene.downloads.exists() and any(scene.downloads.iterdir()))
    scene.world.runner.cancel(handle.id)
    assert (await handle.wait()).state is TaskState.REVOKED
    await wait_until(lambda: not any(scene.downloads.iterdir()))


async def test_what_an_earlier_process_left_behind_goes(scene: Scene) -> None:
    scene.downloads.mkdir()
    (scene.downloads / "left.flac").write_bytes(b"x")
    await scene.remote.clear()
    assert not scene.downloads.exists()


async def playlist_of(scene: Scene) -> Sequence[PushItem]:
    """A playlist of everything, the server's own track first."""
    library = await scene.world.library()
    ordered = sorted(library.values(), key=lambda track: track.file.root.startswith("/"))
    ids = tuple(TrackId(track.id) for track in ordered)
    return [PushItem(SavedPlaylist("k", "", "Mixed", ids, 1.0))]


async def test_files_of_playlists_leave_it_out_and_the_server_gets_it(
    scene: Scene, tmp_path: Path
) -> None:
    (item,) = only_there(scene, "x", text="title=Unlike artist=Anybody")
    scene.album("Near", ["y"])
    await scene.analysed(0, server=scene.login())
    wanted = await playlist_of(scene)
    playlists, tracks = Playlists(scene.world.database), scene.world.tracks
    m3u = M3uTarget(tmp_path / "m3u", tracks, playlists)
    report = await m3u.push(wanted)
    (file,) = (tmp_path / "m3u").glob("*.m3u8")
    assert report.unmatched == 1
    assert "jellyfin:" not in file.read_text()
    assert "Near/y.flac" in file.read_text()
    alice = scene.fake.add_user("alice")
    meta = Meta(scene.world.database)
    jellyfin = JellyfinTarget(
        make_keyring(scene.fake.url, scene.fake.api_key, meta, scene.world.clock),
        user="alice",
        tracks=tracks,
        catalogues=Catalogues(scene.world.database),
        playlists=playlists,
        meta=meta,
        clock=scene.world.clock,
        path_mappings=((str(scene.world.music), THEIR_ROOT),),
    )
    report = await jellyfin.push(wanted)
    await jellyfin.close()
    (pushed,) = scene.fake.playlists.values()
    assert (report.unmatched, pushed.owner) == (0, alice.id)
    assert [scene.fake.state.items[one].name for one in pushed.entries] == ["x", "y"]
    assert pushed.entries[0] == item
