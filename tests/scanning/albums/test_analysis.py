"""The newest albums are heard: which, how, what is said of it, and how it ends."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pydantic import SecretStr

from harmonie_daemon.domain.task import TaskState
from harmonie_daemon.scanning.albums import AnalysisRequest
from tests.mediaservers.fake_faults import Fault
from tests.mediaservers.fake_jellyfin import FakeJellyfin
from tests.scanning.albums.scene import THEIR_ROOT, Scene, lines, open_scene
from tests.scanning.world import wait_until


async def test_the_newest_albums_of_the_server_are_heard_from_disk_newest_first(
    scene: Scene,
) -> None:
    scene.album("Old", ["a", "b"], added="2020-05-05")
    scene.album("New", ["c", "d"], added="2024-05-05")
    scene.album("Middle", ["e"], added="2022-05-05")
    record = await scene.analysed(2, server=scene.login())
    assert record.state is TaskState.SUCCESS
    assert [part.arguments["album_name"] for part in await scene.parts(record)] == ["New", "Middle"]
    assert set(await scene.world.library()) == {"New/c.flac", "New/d.flac", "Middle/e.flac"}
    assert scene.fake.violations == []
    details = record.details
    assert (details["albums_found"], details["successful_albums"]) == (2, 2)
    assert (details["failed_albums"], details["total_tracks_analyzed"]) == (0, 3)


async def test_zero_albums_means_all(scene: Scene) -> None:
    for name in ("A", "B", "C"):
        scene.album(name, ["x"])
    record = await scene.analysed(0, server=scene.login())
    assert record.details["total_albums"] == 3


async def test_an_album_is_as_new_as_its_newest_track(scene: Scene) -> None:
    scene.album("Complete", ["a"], added="2023-01-01")
    scene.album("Grown", ["b"], added="2020-01-01")
    scene.world.put("Grown/z.flac")
    scene.at_server("Grown", "z", number=2, added="2024-01-01")
    record = await scene.analysed(1, server=scene.login())
    (part,) = await scene.parts(record)
    assert part.arguments["album_name"] == "Grown"
    assert part.details["tracks_analyzed"] == 2


async def test_what_is_analysed_already_is_skipped_and_said_so(scene: Scene) -> None:
    scene.album("A", ["x", "y"])
    await scene.analysed(0, server=scene.login())
    before = await scene.world.library()
    record = await scene.analysed(0, server=scene.login())
    assert "Skipping 'x by ABand' (already analyzed)" in lines(record)
    assert record.details["total_tracks_analyzed"] == 0
    assert record.details["tracks_skipped"] == 2
    assert await scene.world.library() == before


async def test_a_track_that_changed_is_heard_anew(scene: Scene) -> None:
    scene.album("A", ["x"])
    await scene.analysed(0, server=scene.login())
    scene.world.put("A/x.flac", "another recording altogether")
    record = await scene.analysed(0, server=scene.login())
    assert record.details["total_tracks_analyzed"] == 1


async def test_without_a_server_folders_are_albums_by_the_time_of_their_files(
    scene: Scene,
) -> None:
    scene.world.put("Old/a.flac", age_s=9000)
    scene.world.put("New/b.flac", "title=Bee artist=Hive", age_s=100)
    record = await scene.analysed(1)
    (part,) = await scene.parts(record)
    assert part.arguments["album_name"] == "New"
    assert part.arguments["album_id"] == str(scene.world.music / "New")
    assert record.details["current_track"] == "b"
    assert record.details["current_track_analysis"]["name"] == "Bee by Hive"
    assert scene.fake.requests == []


async def test_the_log_says_what_is_done_in_the_sentences_that_clients_know(scene: Scene) -> None:
    scene.album("A", ["x"])
    record = await scene.analysed(0, server=scene.login())
    tempo = len("title=x artist=ABand")
    assert lines(record) == [
        "Main analysis task started.",
        "Found 1 albums to process.",
        "Analyzing track: x by ABand (1/1)",
        f"Analyzed 'x by ABand'. Tempo: {tempo}.00, Key: unknown. Moods: none",
        "Album 'A' analysis complete. Analyzed 1/1 tracks.",
        "Processing albums: 1/1 completed.",
    ]
    (part,) = await scene.parts(record)
    assert lines(part) == lines(record)[2:5]


async def test_the_running_albums_track_stands_in_the_analysis(scene: Scene) -> None:
    scene.album("A", ["x", "y"])
    scene.world.put("A/y.flac", "slow")
    handle = scene.analyses.submit(AnalysisRequest(0, 5, scene.login()))
    runner = scene.world.runner
    await wait_until(lambda: "y by ABand" in str(runner.running()[0].details.get("current_track")))
    details = runner.running()[0].details
    assert details["album_name"] == "A"
    assert details["current_track_analysis"]["name"] == "x by ABand"
    assert (details["albums_completed"], details["total_albums"]) == (0, 1)
    runner.cancel(handle.id)


async def test_a_track_that_cannot_be_heard_does_not_fail_its_album(scene: Scene) -> None:
    scene.album("A", ["x", "y"])
    scene.world.put("A/x.flac", "broken")
    record = await scene.analysed(0, server=scene.login())
    assert record.state is TaskState.SUCCESS
    assert "Could not analyze 'x by ABand': no audio in it" in lines(record)
    assert record.details["recent_failures"] == ["x by ABand: no audio in it"]
    assert (record.details["tracks_failed"], record.details["total_tracks_analyzed"]) == (1, 1)
    again = await scene.analysed(0, server=scene.login())
    assert again.details["tracks_failed"] == 1


async def test_files_that_nobody_has_heard_are_found_where_the_server_has_them_mounted(
    scene: Scene,
) -> None:
    """Without a mapping, and before any track is known."""
    for name in ("A", "B"):
        scene.album(name, [f"{name}{number}" for number in range(12)])
    record = await scene.analysed(1, server=scene.login(is_ours=False))
    assert record.details["total_tracks_analyzed"] == 12


async def test_no_albums_is_a_success(scene: Scene) -> None:
    record = await scene.analysed(0, server=scene.login())
    assert (record.state, record.details["total_albums"]) == (TaskState.SUCCESS, 0)


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        (Fault("GET", "/System/Info/Public", times=99), "cannot reach Jellyfin"),
        (Fault("GET", "/Items", status=503, times=99), "Jellyfin is not ready or has failed (503"),
        (Fault("GET", "/Items", status=403, times=99), "Jellyfin refuses GET /Items"),
        (Fault("GET", "/Items", status=200, text="no JSON", times=99), "did not answer with JSON"),
    ],
)
async def test_a_server_that_cannot_be_asked_is_a_failure_before_any_part_is_made(
    scene: Scene, fault: Fault, why: str
) -> None:
    scene.album("A", ["x"])
    scene.fake.faults.armed.append(fault)
    record = await scene.analysed(0, server=scene.login())
    assert record.state is TaskState.FAILURE
    assert why in (record.error or "")
    assert await scene.parts(record) == []
    assert await scene.world.library() == {}


async def test_a_server_that_is_down_is_a_failure(scene: Scene) -> None:
    await scene.fake.stop()
    record = await scene.analysed(0, server=scene.login())
    assert record.state is TaskState.FAILURE
    assert "cannot reach Jellyfin" in (record.error or "")


async def test_a_token_that_is_not_accepted_is_a_failure_that_does_not_repeat_it(
    scene: Scene,
) -> None:
    scene.album("A", ["x"])
    record = await scene.analysed(0, server=scene.login(token=SecretStr("hunter2hunter2")))
    assert record.state is TaskState.FAILURE
    assert "does not accept the token" in (record.error or "")
    assert "hunter2" not in str(record)


async def test_a_user_that_the_server_does_not_know_is_a_failure(scene: Scene) -> None:
    scene.fake.add_user("alice")
    record = await scene.analysed(0, server=scene.login(user="bob"))
    assert (record.state, record.error) == (TaskState.FAILURE, "Jellyfin has no user 'bob'")
    assert (await scene.analysed(0, server=scene.login(user="ALICE"))).state is TaskState.SUCCESS


async def test_an_analysis_sees_what_its_user_sees(scene: Scene) -> None:
    alice = scene.fake.add_user("alice")
    scene.album("A", ["x"])
    scene.album("B", ["y"])
    hidden = next(item for item in scene.fake.state.items.values() if item.name == "y")
    hidden.hidden_from = frozenset({alice.id})
    record = await scene.analysed(0, server=scene.login(user="alice"))
    assert record.details["total_albums"] == 1


async def test_the_token_is_in_no_table_and_no_log(
    scene: Scene, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    caplog.set_level("DEBUG")
    scene.album("A", ["x"])
    record = await scene.analysed(0, server=scene.login())
    token = scene.fake.api_key
    assert record.arguments["server"]["token"] == "**********"
    assert token not in str(await scene.world.runner.get(record.id))
    assert token not in caplog.text
    await scene.world.database.close()
    assert not any(token.encode() in one.read_bytes() for one in tmp_path.glob("harmonie.db*"))


async def test_another_server_is_sent_its_own_token_alone(scene: Scene) -> None:
    other = FakeJellyfin()
    await other.start()
    login = scene.login(url=other.url, token=SecretStr(other.api_key), is_ours=False)
    await scene.analysed(0, server=login)
    await other.stop()
    assert scene.fake.requests == []
    assert other.requests
    assert all(scene.fake.api_key not in seen.authorization for seen in other.requests)


async def test_two_in_the_same_words_are_one_while_they_wait(scene: Scene) -> None:
    scene.album("A", ["x"], text="slow")
    first = scene.analyses.submit(AnalysisRequest(0, 5, scene.login()))
    await wait_until(lambda: len(scene.world.runner.running()) == 2)
    second = scene.analyses.submit(AnalysisRequest(0, 5, scene.login()))
    again = scene.analyses.submit(AnalysisRequest(0, 5, scene.login()))
    other = scene.analyses.submit(AnalysisRequest(0, 5, scene.login(token=SecretStr("other"))))
    assert second.id == again.id
    assert len({first.id, second.id, other.id}) == 3
    for handle in (other, second, first):
        scene.world.runner.cancel(handle.id)


async def test_nothing_is_begun_while_scans_rest(scene: Scene) -> None:
    scene.album("A", ["x"])
    scene.world.scan.pause()
    handle = scene.analyses.submit(AnalysisRequest(0, 5, scene.login()))
    runner = scene.world.runner
    await wait_until(
        lambda: runner.running() and runner.running()[0].details.get("resting") is not None
    )
    assert runner.running()[0].details["resting"] == "paused by request"
    assert await scene.world.library() == {}
    scene.world.scan.resume()
    record = await handle.wait()
    assert "Waiting: paused by request." in lines(record)
    assert record.details["resting"] is None
    assert record.details["total_tracks_analyzed"] == 1


async def test_cancelled_while_it_waits_it_never_begins(scene: Scene) -> None:
    scene.album("A", ["x"], text="slow")
    first = scene.analyses.submit(AnalysisRequest(0, 5, scene.login()))
    second = scene.analyses.submit(AnalysisRequest(1, 5, scene.login()))
    assert scene.world.runner.cancel(second.id)
    record = await second.wait()
    assert (record.state, lines(record)) == (TaskState.REVOKED, [])
    scene.world.runner.cancel(first.id)


async def test_cancelled_while_the_server_is_asked_it_has_no_parts(scene: Scene) -> None:
    scene.album("A", ["x"])
    scene.fake.faults.armed.append(Fault("GET", "/Items", hold=True))
    handle = scene.analyses.submit(AnalysisRequest(0, 5, scene.login()))
    await wait_until(lambda: scene.fake.faults.armed[0].hit)
    assert scene.world.runner.cancel(handle.id)
    record = await handle.wait()
    assert record.state is TaskState.REVOKED
    assert await scene.parts(record) == []


async def test_cancelled_while_a_track_is_heard_its_albums_end_with_it(scene: Scene) -> None:
    scene.album("A", ["x", "y"])
    scene.world.put("A/y.flac", "slow")
    handle = scene.analyses.submit(AnalysisRequest(0, 5, scene.login()))
    runner = scene.world.runner
    await wait_until(lambda: "y by" in str(runner.running()[0].details.get("current_track")))
    assert runner.cancel(handle.id)
    record = await handle.wait()
    (part,) = await scene.parts(record)
    assert (record.state, part.state) == (TaskState.REVOKED, TaskState.REVOKED)
    assert set(await scene.world.library()) == {"A/x.flac"}
    stored = await scene.world.tasks.get(record.id)
    assert not runner.cancel(handle.id)
    assert await scene.world.tasks.get(record.id) == stored


async def test_an_album_that_is_cancelled_leaves_the_others_to_go_on(tmp_path: Path) -> None:
    async with open_scene(tmp_path) as scene:
        scene.album("New", ["x"], added="2024-01-01", text="slow")
        scene.album("Old", ["y"], added="2020-01-01")
        handle = scene.analyses.submit(AnalysisRequest(0, 5, scene.login()))
        runner = scene.world.runner
        await wait_until(lambda: len(runner.running()) == 2)
        assert runner.cancel(runner.running()[1].id)
        record = await handle.wait()
        assert record.state is TaskState.SUCCESS
        assert (record.details["failed_albums"], record.details["successful_albums"]) == (1, 1)


async def test_an_analysis_of_which_no_album_came_to_anything_is_a_failure(scene: Scene) -> None:
    scene.album("A", ["x"], text="slow")
    handle = scene.analyses.submit(AnalysisRequest(0, 5, scene.login()))
    runner = scene.world.runner
    await wait_until(lambda: len(runner.running()) == 2)
    runner.cancel(runner.running()[1].id)
    record = await handle.wait()
    assert record.state is TaskState.FAILURE
    assert record.error == "none of 1 albums could be analysed: they were cancelled"


async def test_an_analysis_in_which_no_track_could_be_heard_is_a_failure(scene: Scene) -> None:
    scene.album("A", ["x"], text="broken")
    record = await scene.analysed(0, server=scene.login())
    assert record.state is TaskState.FAILURE
    assert record.error == "none of 1 tracks could be analysed: x by ABand: no audio in it"
    assert record.details["tracks_failed"] == 1


async def test_without_music_and_without_a_server_it_says_what_is_missing(scene: Scene) -> None:
    scene.world.music.rmdir()
    record = await scene.analysed(0)
    assert record.state is TaskState.FAILURE
    assert "the music folders cannot be read" in (record.error or "")


async def test_what_a_server_calls_things_is_cut_and_cleaned(scene: Scene) -> None:
    scene.world.put("x.flac")
    scene.fake.is_validating = False
    scene.fake.add_item(
        f"{THEIR_ROOT}/x.flac",
        "t" * 100_000 + "\ud800",
        album="\0 \ud800" + "a" * 100_000,
        artists=("b" * 100_000, *map(str, range(1000))),
    )
    record = await scene.analysed(0, server=scene.login())
    assert record.state is TaskState.SUCCESS, record.error
    assert record.details["current_track"] == f"{'t' * 300} by {'b' * 300}"
    assert record.details["album_name"].startswith("\N{REPLACEMENT CHARACTER}aaa")
    assert len(record.details["album_name"]) <= 300
    json.dumps(record.details, ensure_ascii=False).encode()
    assert len(str(record.details)) < 5000


async def test_what_is_kept_of_a_large_album_is_little(scene: Scene) -> None:
    for number in range(60):
        scene.world.put(f"A/{number}.flac")
    await scene.world.scanned()
    record = await scene.analysed(1)
    assert record.details["tracks_skipped"] == 60
    assert len(record.log) > 100
    assert len(json.dumps(record.details)) < 5000
