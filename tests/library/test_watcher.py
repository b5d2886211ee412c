"""Changes below the roots are noticed; what cannot be watched is named."""

from __future__ import annotations

import asyncio
import errno
import logging
import os
import shutil
import threading
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from watchdog.observers.api import ObservedWatch
from watchdog.observers.inotify import InotifyObserver

from harmonie_daemon.library.root_watches import OVERFLOW_LOGGER
from harmonie_daemon.library.watcher import Watcher

DEADLINE_S = 10.0


class Heard:
    """The batches that came."""

    def __init__(self) -> None:
        self.batches: list[frozenset[str]] = []

    async def __call__(self, batch: frozenset[str]) -> None:
        self.batches.append(batch)

    @property
    def paths(self) -> set[str]:
        return set().union(*self.batches)

    async def wait_for(self, *paths: Path) -> None:
        await poll(lambda: {str(path) for path in paths} <= self.paths)


async def poll(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + DEADLINE_S
    while not condition():
        assert time.monotonic() < deadline, "not in time"
        await asyncio.sleep(0.01)


@asynccontextmanager
async def watching(heard: Heard, *roots: Path, **options: Any) -> AsyncIterator[Watcher]:
    times = {"quiet_s": 0.15, "max_wait_s": 1.0, "look_at_roots_s": 0.1}
    threads = threading.active_count()
    watcher = Watcher([str(root) for root in roots], heard, **times, **options)
    await watcher.start()
    try:
        yield watcher
    finally:
        await watcher.stop()
    assert not [thread for thread in threading.enumerate() if "watchdog" in type(thread).__module__]
    assert threading.active_count() <= threads + 2  # of asyncio's pool


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "root" / "album").mkdir(parents=True)
    return tmp_path / "root"


@pytest.fixture
def heard() -> Heard:
    return Heard()


async def test_new_changed_and_deleted_files_are_reported(root: Path, heard: Heard) -> None:
    song = root / "album" / "a.mp3"
    async with watching(heard, root) as watcher:
        assert watcher.unwatched == ()
        for change in (song.write_bytes, song.write_bytes, lambda _: song.unlink()):
            heard.batches.clear()
            change(b"x")
            await heard.wait_for(song)
            assert heard.paths == {str(song)}


async def test_both_sides_of_a_rename_are_reported(root: Path, heard: Heard) -> None:
    (root / "a.mp3").touch()
    (root / "album" / "b.mp3").touch()
    async with watching(heard, root):
        (root / "a.mp3").rename(root / "c.mp3")
        (root / "album").rename(root / "renamed")
        await heard.wait_for(root / "a.mp3", root / "c.mp3", root / "album", root / "renamed")
        heard.batches.clear()
        (root / "renamed" / "b.mp3").rename(root / "renamed" / "d.mp3")
        await heard.wait_for(root / "renamed" / "b.mp3", root / "renamed" / "d.mp3")


async def test_folders_that_come_in_are_watched_too(
    root: Path, tmp_path: Path, heard: Heard
) -> None:
    (tmp_path / "other" / "deep").mkdir(parents=True)
    (tmp_path / "other" / "deep" / "x.mp3").touch()
    async with watching(heard, root):
        (tmp_path / "other").rename(root / "other")
        (root / "new" / "deeper").mkdir(parents=True)
        await heard.wait_for(root / "other", root / "new")
        heard.batches.clear()
        (root / "new" / "deeper" / "y.mp3").touch()
        (root / "other" / "deep" / "x.mp3").unlink()
        await heard.wait_for(root / "new/deeper/y.mp3", root / "other/deep/x.mp3")
        heard.batches.clear()
        shutil.rmtree(root / "other")
        await heard.wait_for(root / "other")


async def test_reading_wakes_nobody_nor_does_what_is_no_music(root: Path, heard: Heard) -> None:
    song = root / "album" / "a.mp3"
    song.write_bytes(b"x")
    async with watching(heard, root, exclude=["*.wav", "Books/"]):
        song.read_bytes()
        list((root / "album").iterdir())
        for name in ("cover.jpg", ".hidden.mp3", "b.wav", "Books/c.mp3", ".trash/d.mp3"):
            (root / name).parent.mkdir(exist_ok=True)
            (root / name).write_bytes(b"x")
        (root / "last.mp3").touch()
        await heard.wait_for(root / "last.mp3")
    assert heard.paths == {str(root / "last.mp3")}


async def test_a_file_that_is_being_copied_is_waited_for(root: Path, heard: Heard) -> None:
    async with watching(heard, root):
        with (root / "slow.mp3").open("wb", buffering=0) as slow:
            for _ in range(15):
                slow.write(b"x")
                await asyncio.sleep(0.05)
            (root / "quick.mp3").write_bytes(b"x")
            await heard.wait_for(root / "quick.mp3")
            assert str(root / "slow.mp3") not in heard.paths
        await heard.wait_for(root / "slow.mp3")


async def test_names_that_are_not_utf8_and_roots_that_are_links(
    root: Path, tmp_path: Path, heard: Heard
) -> None:
    link = tmp_path / "link"
    link.symlink_to(root)
    name = os.fsdecode(b"caf\xe9.mp3")
    async with watching(heard, link):
        (root / name).touch()
        await heard.wait_for(link / name)


async def test_nested_roots_report_a_path_once(root: Path, heard: Heard) -> None:
    async with watching(heard, root, root / "album", exclude=["/album"]):
        (root / "album" / "a.mp3").touch()
        await heard.wait_for(root / "album" / "a.mp3")
    assert heard.paths == {str(root / "album" / "a.mp3")}


async def test_a_root_that_goes_and_comes_back_is_watched_again(root: Path, heard: Heard) -> None:
    async with watching(heard, root, root.parent / "later") as watcher:
        root.rename(root.parent / "away")
        await poll(lambda: not watcher._watches._identities[str(root)])
        (root.parent / "away").rename(root)
        (root.parent / "later").mkdir()
        await heard.wait_for(root, root.parent / "later")
        shutil.rmtree(root)
        root.mkdir()
        heard.batches.clear()
        await heard.wait_for(root)
        for name in (root / "a.mp3", root.parent / "later" / "b.mp3"):
            name.touch()
            await heard.wait_for(name)
        assert watcher.unwatched == ()


class NoInstanceLeft:
    def __call__(self) -> InotifyObserver:
        raise OSError(errno.EMFILE, "inotify instance limit reached")


class FullObserver(InotifyObserver):
    """An inotify that has no watch left for some folders."""

    refused: Sequence[str] = ()

    def schedule(self, event_handler: Any, path: Any, **options: Any) -> ObservedWatch:
        if path in self.refused:
            raise OSError(errno.ENOSPC, "inotify watch limit reached")
        return super().schedule(event_handler, path, **options)


def full(*refused: str) -> type[FullObserver]:
    return type("FullForTest", (FullObserver,), {"refused": refused})


def warnings_of(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]


async def test_without_inotify_every_root_is_left_to_the_schedule(
    root: Path, heard: Heard, caplog: pytest.LogCaptureFixture
) -> None:
    other = root / "album"
    async with watching(heard, root, other, observer_factory=NoInstanceLeft()) as watcher:
        assert watcher.unwatched == (str(root), str(other))
    lines = warnings_of(caplog)
    assert len(lines) == 2
    assert all("scheduled scans" in line for line in lines)


async def test_a_root_without_watches_is_named_and_the_others_are_watched(
    root: Path, tmp_path: Path, heard: Heard, caplog: pytest.LogCaptureFixture
) -> None:
    poor = tmp_path / "poor"
    poor.mkdir()
    factory = full(str(poor))
    async with watching(heard, root, poor, observer_factory=factory) as watcher:
        assert watcher.unwatched == (str(poor),)
        assert len(warnings_of(caplog)) == 1
        assert "max_user_watches" in caplog.text
        (root / "a.mp3").touch()
        await heard.wait_for(root / "a.mp3")
        factory.refused = ()
        await watcher.start()
        assert watcher.unwatched == ()
        (poor / "b.mp3").touch()
        await heard.wait_for(poor / "b.mp3")
    assert len(warnings_of(caplog)) == 1


async def test_watches_that_run_out_below_a_root_are_noticed(
    root: Path, heard: Heard, caplog: pytest.LogCaptureFixture
) -> None:
    async with watching(heard, root, observer_factory=full("/")) as watcher:
        assert watcher.unwatched == (str(root),)
    factory = full()
    async with watching(heard, root, observer_factory=factory) as watcher:
        assert watcher.unwatched == ()
        factory.refused = ("/",)
        (root / "one more folder").mkdir()
        await poll(lambda: watcher.unwatched == (str(root),))
    assert len(warnings_of(caplog)) == 2


async def test_network_file_systems_are_left_to_the_schedule(
    root: Path, heard: Heard, caplog: pytest.LogCaptureFixture
) -> None:
    mounts = f"1 0 0:1 / / rw - ext4 /dev/a rw\n2 1 0:2 / {root}/album rw - nfs4 nas:/ rw\n"
    roots = root, root / "album"
    async with watching(heard, *roots, read_mounts=lambda: mounts) as watcher:
        assert watcher.unwatched == (str(root / "album"),)
    assert len(warnings_of(caplog)) == 1
    assert "nfs4" in caplog.text


async def test_lost_events_make_every_root_suspect(root: Path, heard: Heard) -> None:
    async with watching(heard, root):
        logging.getLogger(OVERFLOW_LOGGER).warning("Inotify queue overflowed")
        await heard.wait_for(root)


async def test_a_failing_receiver_does_not_end_the_watch(root: Path) -> None:
    heard = Heard()

    async def stumble(batch: frozenset[str]) -> None:
        await heard(batch)
        if len(heard.batches) == 1:
            raise RuntimeError("stumbled")

    watcher = Watcher([str(root)], stumble, quiet_s=0.1)
    await watcher.start()
    (root / "a.mp3").touch()
    await heard.wait_for(root / "a.mp3")
    (root / "b.mp3").touch()
    await heard.wait_for(root / "b.mp3")
    await watcher.stop()
    await watcher.stop()


@pytest.mark.parametrize("turns", range(5))
async def test_a_change_in_the_moment_of_stopping_does_not_keep_it_going(
    root: Path, heard: Heard, turns: int
) -> None:
    """``asyncio.wait_for`` of Python 3.11 forgets that it was cancelled when what it waits for has
    just come about.
    """
    watcher = Watcher([str(root)], heard, look_at_roots_s=1000.0)
    await watcher.start()
    for _ in range(5):
        await asyncio.sleep(0)
    watcher._wake.set()
    for _ in range(turns):
        await asyncio.sleep(0)
    stopping = asyncio.create_task(watcher.stop())
    await asyncio.wait({stopping}, timeout=DEADLINE_S)
    assert stopping.done()
