"""A thread of watchdog that dies makes nobody deaf: the real sequences, on the real watchdog."""

from __future__ import annotations

import shutil
import threading
from itertools import pairwise
from pathlib import Path

import pytest
from watchdog.observers.inotify import InotifyEmitter, InotifyObserver
from watchdog.utils import BaseThread

from harmonie_daemon.library import root_watches
from harmonie_daemon.library.root_watches import RootWatches
from harmonie_daemon.library.watcher import Watcher
from tests.library.test_watcher import Heard, poll, warnings_of, watching

pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "root" / "album").mkdir(parents=True)
    return tmp_path / "root"


@pytest.fixture
def heard() -> Heard:
    return Heard()


async def replace_album(root: Path, heard: Heard) -> Path:
    """Move it out of the library; a folder of its name comes, is watched, and goes."""
    away = root.parent / "away"
    (root / "album").rename(away)
    await heard.wait_for(root / "album")
    heard.batches.clear()
    (root / "album").mkdir()
    await heard.wait_for(root / "album")
    heard.batches.clear()
    (root / "album").rmdir()
    await heard.wait_for(root / "album")
    return away


async def test_an_album_moved_out_replaced_and_removed_does_not_end_the_watch(
    root: Path, tmp_path: Path, heard: Heard, caplog: pytest.LogCaptureFixture
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    async with watching(heard, root, other):
        shutil.rmtree(await replace_album(root, heard))
        await heard.wait_for(root, other)
        for name in (root / "new.flac", root / "album" / "a.flac", other / "b.flac"):
            heard.batches.clear()
            name.parent.mkdir(exist_ok=True)
            name.touch()
            await poll(lambda name=name: heard.paths & {str(name), str(name.parent)})
        (root / "album" / "last.flac").touch()
        await heard.wait_for(root / "album" / "last.flac")
    (line,) = warnings_of(caplog)
    assert line.startswith("Changes in the library may have gone unnoticed")


async def test_a_watcher_whose_books_are_wrong_still_stops(root: Path, heard: Heard) -> None:
    """The moved album is still there when the daemon ends."""
    observers: list[InotifyObserver] = []

    def factory() -> InotifyObserver:
        observers.append(InotifyObserver())
        return observers[-1]

    watcher = Watcher([str(root)], heard, quiet_s=0.1, observer_factory=factory)
    await watcher.start()
    await replace_album(root, heard)
    await watcher.stop()
    (observer,) = observers
    assert not [thread for thread in threading.enumerate() if isinstance(thread, BaseThread)]
    assert not observer.is_alive()


class Dying(BaseThread):
    """Dies when it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.may_die = threading.Event()

    def run(self) -> None:
        self.may_die.wait()
        raise KeyError("a path")


class DyingObserver(InotifyObserver):
    opened = 0

    def start(self) -> None:
        super().start()
        type(self).opened += 1
        thread = Dying()
        thread.start()
        poison.append(thread)


poison: list[Dying] = []


def test_a_watch_that_breaks_again_and_again_is_opened_less_and_less_often(root: Path) -> None:
    DyingObserver.opened = 0
    watches = RootWatches(
        [str(root)],
        lambda event: None,
        lambda: None,
        observer_factory=DyingObserver,
        read_mounts=lambda: "",
    )
    watches.open()
    reopened_at = []
    for look in range(1, 200):
        poison[-1].may_die.set()
        poison[-1].join()
        if watches.refresh():
            reopened_at.append(look)
    poison[-1].may_die.set()
    watches.close()
    pauses = [after - before for before, after in pairwise(reopened_at)]
    assert reopened_at[0] == 1
    assert pauses[:5] == [2, 4, 8, 16, 32]
    assert pauses[5:] == [root_watches.LONGEST_REST + 1] * len(pauses[5:])
    assert DyingObserver.opened == len(reopened_at) + 1


def test_a_root_that_goes_stops_its_thread_and_is_no_death(root: Path) -> None:
    watches = RootWatches(
        [str(root)],
        lambda event: None,
        lambda: None,
        observer_factory=InotifyObserver,
        read_mounts=lambda: "",
    )
    watches.open()
    emitters = [t for t in watches._threads._threads if isinstance(t, InotifyEmitter)]
    assert emitters
    shutil.rmtree(root)
    for emitter in emitters:
        emitter.join(5.0)
        assert not emitter.is_alive()
    assert not watches._threads.have_died()
    assert watches.refresh() == []
    root.mkdir()
    assert watches.refresh() == [str(root)]
    watches.close()
