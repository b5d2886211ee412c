"""Compositions are asked for, made, kept and given up."""

from __future__ import annotations

import asyncio
import errno
import shutil
import threading
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import av
import pytest

from harmonie_daemon.domain.composition import (
    AudioFormat,
    CompositionId,
    CompositionVersion,
    FileKind,
    Origin,
    VersionState,
    default_seed,
)
from harmonie_daemon.domain.errors import (
    BadRequestError,
    BusyError,
    CompositionNotFoundError,
    StoreError,
    WorkerError,
)
from harmonie_daemon.domain.task import TaskId, TaskState
from harmonie_daemon.store.compositions import Compositions
from harmonie_daemon.tasks.composing import folders as folders_module
from harmonie_daemon.tasks.composing import studio as studio_module
from harmonie_daemon.tasks.composing.commission import Started
from tests.scanning.world import wait_until
from tests.tasks.composing.world import StudioWorld, make_brief, open_world


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[StudioWorld]:
    async with open_world(tmp_path) as made:
        yield made


async def test_a_composition_is_made_and_its_files_are_where_its_rows_say(
    world: StudioWorld,
) -> None:
    made, started = await world.begin(seed=7)
    record = await world.runner.wait(started.task_id)
    assert record is not None
    assert record.state is TaskState.SUCCESS
    assert record.details["version"] == started.version == 1
    version = await world.studio.version(made.id)
    assert version is not None
    assert (version.state, version.seed, version.task_id) == (
        VersionState.COMPOSED,
        7,
        started.task_id,
    )
    assert [take.seed for take in version.takes] == [7, 8]
    mix = version.file(FileKind.MIX)
    assert mix is not None
    assert (await world.studio.file(mix)).stat().st_size == mix.size_bytes == 1000
    assert world.files() == sorted(
        file.path.removeprefix("compositions/") for file in version.files
    )
    assert len(version.files) == 4


async def test_each_version_has_a_seed_of_its_own_that_can_be_told_back(
    world: StudioWorld,
) -> None:
    made, first = await world.compose()
    started = await world.studio.start(made.id)
    await world.runner.wait(started.task_id)
    second = await world.studio.version(made.id, 2)
    assert second is not None
    assert first.seed == default_seed(made.id, 1) != second.seed
    assert 0 <= second.seed < 2**53
    assert (await world.studio.get(made.id)).version == 2


async def test_what_is_given_with_a_new_version_is_what_the_composition_has(
    world: StudioWorld,
) -> None:
    made, _ = await world.compose("Before")
    brief = make_brief(title="ignored")
    await world.studio.start(made.id, brief=brief, title="After", prompt="louder")
    known = await world.studio.get(made.id)
    assert (known.title, known.prompt, known.brief.title) == ("After", "louder", "After")


async def test_two_at_once_wait_for_each_other(world: StudioWorld) -> None:
    world.band.go.clear()
    _, first = await world.begin()
    other, second = await world.begin()
    await wait_until(lambda: world.band.begun)
    waiting = await world.runner.get(second.task_id)
    assert waiting is not None
    assert waiting.state is TaskState.QUEUED
    version = await world.studio.version(other.id)
    assert version is not None
    assert version.state is VersionState.WAITING
    assert len(world.band.begun) == 1
    world.band.go.set()
    for started in (first, second):
        record = await world.runner.wait(started.task_id)
        assert record is not None
        assert record.state is TaskState.SUCCESS


async def test_cancelling_leaves_no_file_and_the_next_one_works(world: StudioWorld) -> None:
    world.band.go.clear()
    made, started = await world.begin()
    await wait_until(lambda: world.band.begun)
    await wait_until(lambda: len(world.files()) == 4)
    assert world.studio.cancel(made.id, 1)
    assert not world.studio.cancel(made.id, 2)
    record = await world.runner.wait(started.task_id)
    assert record is not None
    assert record.state is TaskState.REVOKED
    await world.studio.close()
    version = await world.studio.version(made.id)
    assert version is not None
    assert version.state is VersionState.CANCELLED
    assert world.files() == []
    assert not world.band.ended
    world.band.go.set()
    _, after = await world.compose()
    assert after.state is VersionState.COMPOSED


async def test_one_that_is_cancelled_while_it_waits_never_begins(world: StudioWorld) -> None:
    world.band.go.clear()
    await world.begin()
    made, started = await world.begin()
    await wait_until(lambda: world.band.begun)
    assert world.studio.cancel(made.id, 1)
    await world.runner.wait(started.task_id)
    world.band.go.set()
    await world.studio.close()
    version = await world.studio.version(made.id)
    assert version is not None
    assert version.state is VersionState.CANCELLED
    assert len(world.band.begun) == 1


async def test_a_failure_is_told_and_leaves_nothing(world: StudioWorld) -> None:
    world.band.failure = WorkerError("No space left on device")
    made, started = await world.begin()
    record = await world.runner.wait(started.task_id)
    assert record is not None
    assert (record.state, record.error) == (TaskState.FAILURE, "No space left on device")
    await world.studio.close()
    version = await world.studio.version(made.id)
    assert version is not None
    assert (version.state, version.error) == (VersionState.FAILED, "No space left on device")
    assert world.files() == []


async def test_stems_are_made_on_request_and_only_once(world: StudioWorld) -> None:
    made, _ = await world.compose()
    for _ in range(2):
        started = await world.studio.start_stems(made.id)
        record = await world.runner.wait(started.task_id)
        assert record is not None
        assert record.state is TaskState.SUCCESS
    assert world.band.begun.count("stems 1") == 1
    version = await world.studio.version(made.id)
    assert version is not None
    assert version.has_stems
    assert version.stems_task_id == started.task_id
    assert all([await world.studio.file(file) for file in version.files])


async def test_who_asks_for_stems_that_are_being_made_gets_that_task(world: StudioWorld) -> None:
    made, _ = await world.compose()
    world.band.go.clear()
    started = await world.studio.start_stems(made.id)
    await wait_until(lambda: "stems 1" in world.band.begun)
    assert await world.studio.start_stems(made.id, 1) == started
    world.band.go.set()


async def test_a_piece_that_is_wanted_with_its_stems_is_not_done_before_they_are(
    world: StudioWorld,
) -> None:
    world.band.go.clear()
    made, started = await world.begin(with_stems=True)
    await wait_until(lambda: len(world.band.begun) == 1)
    shares = [await share_done(world, started)]
    world.band.go.set()
    world.band.go.clear()
    await wait_until(lambda: world.band.begun[1:] == ["stems 1"])
    shares.append(await share_done(world, started))
    version = await world.studio.version(made.id)
    assert version is not None
    assert (version.state, version.has_stems) == (VersionState.COMPOSED, False)
    world.band.failure = WorkerError("the worker died")
    world.band.go.set()
    record = await world.runner.wait(started.task_id)
    assert record is not None
    assert (record.state, record.error) == (TaskState.FAILURE, "the worker died")
    assert shares == sorted(set(shares))
    version = await world.studio.version(made.id)
    assert version is not None
    assert version.state is VersionState.COMPOSED, "the piece itself is there"

    world.band.failure = None
    started = await world.studio.start(made.id, with_stems=True)
    await world.runner.wait(started.task_id)
    version = await world.studio.version(made.id, started.version)
    assert version is not None
    assert version.has_stems


async def share_done(world: StudioWorld, started: Started) -> float:
    record = await world.runner.get(started.task_id)
    assert record is not None
    assert record.state is TaskState.PROGRESS
    return record.progress


async def test_stems_that_nobody_knows_of_are_made_anew(world: StudioWorld) -> None:
    """As after a kill between putting them in place and noting them."""
    made, version = await world.compose()
    stale = world.data / "compositions" / made.id / "v1" / "stems"
    stale.mkdir()
    (stale / "half.mp3").write_bytes(b"x")
    started = await world.studio.start_stems(made.id)
    await world.runner.wait(started.task_id)
    assert not (stale / "half.mp3").exists()
    found = await world.studio.version(made.id)
    assert found is not None
    assert found.size_bytes == version.size_bytes + 2000


async def test_a_midi_file_is_kept_and_sounds_in_the_formats_that_are_asked_for(
    world: StudioWorld,
) -> None:
    made = await world.studio.create(
        make_brief(),
        title="By words",
        origin=Origin.STALGIA,
        texts={"brief": "# Title", "code": "result = 1"},
    )
    kept = await world.studio.keep_midi(made, b"MThd")
    assert kept.state is VersionState.COMPOSED
    for format_ in (AudioFormat.FLAC, AudioFormat.WAV, AudioFormat.FLAC):
        started = await world.studio.start_audio(made.id, format_)
        record = await world.runner.wait(started.task_id)
        assert record is not None
        assert record.state is TaskState.SUCCESS
    assert world.band.begun == ["audio flac", "audio wav"]
    version = await world.studio.version(made.id)
    assert version is not None
    for format_ in ("flac", "wav"):
        file = version.file(FileKind.MIX, format=format_)
        assert file is not None
        assert (await world.studio.file(file)).exists()
    midi = version.file(FileKind.MIDI)
    assert midi is not None
    assert (await world.studio.file(midi)).read_bytes() == b"MThd"
    assert (await world.studio.get(made.id)).texts["code"] == "result = 1"


async def test_deleting_takes_the_files_and_stops_the_work(world: StudioWorld) -> None:
    made, _ = await world.compose()
    other, _ = await world.compose()
    world.band.go.clear()
    started = await world.studio.start(made.id)
    await wait_until(lambda: len(world.band.begun) == 3)
    await world.studio.delete(made.id)
    record = await world.runner.get(started.task_id)
    assert record is not None
    assert record.state is TaskState.REVOKED
    assert {path.split("/")[0] for path in world.files()} == {other.id}
    with pytest.raises(CompositionNotFoundError):
        await world.studio.get(made.id)
    with pytest.raises(CompositionNotFoundError):
        await world.studio.delete(made.id)


async def test_a_file_that_has_vanished_is_said_plainly(world: StudioWorld) -> None:
    made, version = await world.compose()
    shutil.rmtree(world.data / "compositions" / made.id)
    with pytest.raises(CompositionNotFoundError, match="not in the data folder any more"):
        await world.studio.file(version.files[0])


async def test_before_it_is_composed_there_is_what_there_is(world: StudioWorld) -> None:
    made = await world.studio.create(make_brief(), title="Idea", origin=Origin.BEATOVEN)
    assert await world.studio.version(made.id) is None
    with pytest.raises(BadRequestError, match="not composed yet"):
        await world.studio.start_stems(made.id)
    with pytest.raises(CompositionNotFoundError, match="no version 3"):
        await world.studio.version(made.id, 3)
    nobody = CompositionId("00000000-0000-4000-8000-000000000000")
    with pytest.raises(CompositionNotFoundError, match="no composition"):
        await world.studio.start(nobody)


async def test_the_newest_that_is_composed_is_what_there_is(world: StudioWorld) -> None:
    made, _ = await world.compose()
    world.band.failure = WorkerError("no")
    started = await world.studio.start(made.id)
    await world.runner.wait(started.task_id)
    await world.studio.close()
    version = await world.studio.version(made.id)
    assert version is not None
    assert version.number == 1


async def test_a_task_leads_to_its_version_even_when_its_record_is_forgotten(
    world: StudioWorld,
) -> None:
    made, version = await world.compose()
    assert version.task_id is not None
    known = await world.studio.task(version.task_id)
    await world.store.tasks.trim(0)
    remembered = await world.studio.task(version.task_id)
    assert known is not None
    assert remembered is not None
    assert known[1].composition_id == remembered[1].composition_id == made.id
    assert known[0].state is remembered[0].state is TaskState.SUCCESS


async def test_a_task_that_is_done_is_told_with_all_that_was_made(
    world: StudioWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Although it ends while somebody asks."""
    world.band.go.clear()
    _, started = await world.begin()
    await wait_until(lambda: len(world.band.begun) == 1)
    find = world.store.compositions.of_task

    async def find_and_end(task_id: TaskId) -> CompositionVersion | None:
        found = await find(task_id)
        world.band.go.set()
        await world.runner.wait(started.task_id)
        return found

    monkeypatch.setattr(world.store.compositions, "of_task", find_and_end)
    told = await world.studio.task(started.task_id)
    assert told is not None
    record, version = told
    assert (record.state is TaskState.SUCCESS) == (version.state is VersionState.COMPOSED)


async def test_only_so_many_may_wait(world: StudioWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(studio_module, "MOST_WAITING", 2)
    world.band.go.clear()
    made, _ = await world.begin()
    await world.begin()
    with pytest.raises(BusyError, match="come back later"):
        await world.studio.start(made.id)
    world.band.go.set()


async def test_no_more_may_wait_although_they_come_at_once(
    world: StudioWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(studio_module, "MOST_WAITING", 2)
    world.band.go.clear()
    made = await world.studio.create(make_brief(), title="Idea", origin=Origin.BEATOVEN)
    begun = await asyncio.gather(
        *(world.studio.start(made.id) for _ in range(6)), return_exceptions=True
    )
    assert [type(one) for one in begun].count(BusyError) == 4
    latest = await world.studio.get(made.id)
    known = [await world.studio.version(made.id, number) for number in range(1, latest.version + 1)]
    waiting = [one for one in known if one is not None and not one.state.is_final]
    assert len(waiting) == 2
    world.band.go.set()


@pytest.mark.parametrize(
    ("wish", "says"),
    [
        ({"seed": -1}, "seed"),
        ({"seed": 2**63}, "seed"),
        ({"title": "x" * 201}, "title"),
        ({"prompt": "x" * 10_001}, "prompt"),
    ],
)
async def test_what_is_too_much_is_refused(
    world: StudioWorld, wish: dict[str, object], says: str
) -> None:
    made = await world.studio.create(make_brief(), title="Idea", origin=Origin.BEATOVEN)
    with pytest.raises(BadRequestError, match=says):
        await world.studio.start(made.id, **wish)  # type: ignore[arg-type]
    assert (await world.studio.get(made.id)).version == 0
    with pytest.raises(BadRequestError, match="texts"):
        await world.studio.create(
            make_brief(), title="", origin=Origin.STALGIA, texts={"code": "x" * 2**21}
        )
    with pytest.raises(BadRequestError, match="MIDI"):
        await world.studio.keep_midi(made, bytes(5 * 2**20))


async def test_whoever_leaves_while_asking_leaves_nothing_half_begun(
    world: StudioWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    noted, go_on = asyncio.Event(), asyncio.Event()
    begin = Compositions.begin_version

    async def slowly(self: Compositions, *args: Any, **wishes: Any) -> Any:
        begun = await begin(self, *args, **wishes)
        noted.set()
        await go_on.wait()
        return begun

    monkeypatch.setattr(Compositions, "begin_version", slowly)
    made = await world.studio.create(make_brief(), title="Idea", origin=Origin.BEATOVEN)
    asking = asyncio.create_task(world.studio.start(made.id))
    await noted.wait()
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    go_on.set()
    await wait_until(lambda: world.band.ended)


async def test_a_restart_says_what_it_interrupted_and_keeps_the_rest(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        made, version = await world.compose()
        world.band.go.clear()
        started = await world.studio.start(made.id)
        await wait_until(lambda: len(world.band.begun) == 2)
    async with open_world(tmp_path) as world:
        record = await world.runner.get(started.task_id)
        assert record is not None
        assert (record.state, record.error) == (TaskState.FAILURE, "interrupted by shutdown")
        failed = await world.studio.version(made.id, 2)
        assert failed is not None
        assert (failed.state, failed.error) == (VersionState.FAILED, "interrupted by shutdown")
        assert await world.studio.version(made.id) == version
        assert all([await world.studio.file(file) for file in version.files])
        assert {Path(path).parts[1] for path in world.files()} == {"v1"}
        _, after = await world.compose()
        assert after.state is VersionState.COMPOSED


async def test_what_a_killed_process_was_making_is_gone_at_the_next_start(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        made, _ = await world.compose()
        version = await world.store.compositions.begin_version(
            made, seed=1, format=AudioFormat.MP3, at=1.0
        )
        assert version is not None
        for half in ("v2/mix.mp3", "../.making/x/mix.mp3", "../.going/y/mix.mp3"):
            file = tmp_path / "compositions" / made.id / half
            file.parent.mkdir(parents=True)
            file.write_bytes(b"half")
    async with open_world(tmp_path) as world:
        assert {Path(path).parts[:2] for path in world.files()} == {(made.id, "v1")}
        failed = await world.studio.version(made.id, 2)
        assert failed is not None
        assert (failed.state, failed.error) == (VersionState.FAILED, "interrupted by restart")


async def test_cancelling_while_the_files_are_put_in_place_leaves_none(
    world: StudioWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    putting, go_on = slow_disk(monkeypatch)
    made, started = await world.begin()
    await wait_until(putting.is_set)
    assert world.studio.cancel(made.id, 1)
    await asyncio.sleep(0)
    go_on.set()
    record = await world.runner.wait(started.task_id)
    assert record is not None
    assert record.state is TaskState.REVOKED
    await wait_until(lambda: not world.files())


def slow_disk(monkeypatch: pytest.MonkeyPatch) -> tuple[threading.Event, threading.Event]:
    """Says that a file is being put in place, and waits for leave to go on."""
    putting, go_on = threading.Event(), threading.Event()
    flush = folders_module.flush

    def slowly(path: Path) -> None:
        putting.set()
        go_on.wait(timeout=10)
        flush(path)

    monkeypatch.setattr(folders_module, "flush", slowly)
    return putting, go_on


async def test_when_deleting_answers_the_work_has_ended(
    world: StudioWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    putting, go_on = slow_disk(monkeypatch)
    made, _ = await world.begin()
    await wait_until(putting.is_set)
    deleting = asyncio.create_task(world.studio.delete(made.id))
    await asyncio.wait({deleting}, timeout=0.2)
    assert not deleting.done()
    go_on.set()
    await deleting
    assert world.files() == []


async def test_what_is_deleted_while_it_is_put_in_place_is_gone(
    world: StudioWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The row went, and the task did not hear of it."""
    put = folders_module.CompositionFolders.put

    def and_meanwhile_deleted(self: object, *args: object) -> object:
        asyncio.run_coroutine_threadsafe(world.store.compositions.delete(made.id), loop).result()
        return put(self, *args)  # type: ignore[arg-type]

    loop = asyncio.get_running_loop()
    monkeypatch.setattr(folders_module.CompositionFolders, "put", and_meanwhile_deleted)
    world.band.go.clear()
    made, started = await world.begin()
    world.band.go.set()
    record = await world.runner.wait(started.task_id)
    assert record is not None
    assert record.state is TaskState.FAILURE
    assert "deleted while it was made" in str(record.error)
    assert world.files() == []


async def test_a_disk_that_takes_no_more_is_the_reason_that_is_told(
    world: StudioWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Writers of sound files only know that something went wrong."""

    def full(self: object, workshop: Path) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(folders_module.CompositionFolders, "require_writable", full)
    world.band.failure = WorkerError("System error.")
    _, started = await world.begin()
    record = await world.runner.wait(started.task_id)
    assert record is not None
    assert record.error == "No space left on device"


async def test_a_full_disk_can_be_made_room_on(world: StudioWorld) -> None:
    """Not even a folder can be made on it."""
    made, _ = await world.compose()
    going = world.data / "compositions" / ".going"
    shutil.rmtree(going, ignore_errors=True)
    going.write_text("in the way")
    await world.studio.delete(made.id)
    assert world.files() == [".going"]


async def test_a_format_that_cannot_be_written_here_is_refused_before_anything_is_begun(
    world: StudioWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, _ = await world.begin()
    monkeypatch.setattr(av, "codecs_available", {"mp3"})
    before = await world.studio.versions(made.id)
    with pytest.raises(BadRequestError, match="no encoder for AAC"):
        await world.studio.start(made.id, format=AudioFormat.AAC)
    assert len(await world.studio.versions(made.id)) == len(before)


async def test_files_that_no_row_can_tell_of_go(
    world: StudioWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(self: object, *args: object, **wishes: object) -> bool:
        raise StoreError("the disk is full")

    kept, _ = await world.compose()
    monkeypatch.setattr(Compositions, "complete", full)
    monkeypatch.setattr(Compositions, "add_files", full)
    _, composing = await world.begin()
    stems = await world.studio.start_stems(kept.id)
    for started in (composing, stems):
        record = await world.runner.wait(started.task_id)
        assert record is not None
        assert record.error == "the disk is full"
    assert {path.rpartition("/")[0] for path in world.files()} == {f"{kept.id}/v1"}
