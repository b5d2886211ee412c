"""A change is handed on once, when it is complete."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from harmonie_daemon.library.pending import MOST_FILES, Pending


class Clock:
    """Seconds that pass when told to; files are written at the same time as the wall says."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def pending(clock: Clock) -> Pending:
    return Pending(3.0, 20.0, clock, wall_clock=clock)


def write(path: Path, clock: Clock, content: bytes = b"x") -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as file:
        file.write(content)
    os.utime(path, (clock.now, clock.now))
    return str(path)


def collect(pending: Pending, clock: Clock, seconds: int) -> dict[str, float]:
    """When each path was handed on."""
    taken: dict[str, float] = {}
    for _ in range(seconds):
        clock.now += 1
        taken.update(dict.fromkeys(pending.take_complete(), clock.now))
    return taken


def test_a_finished_file_is_handed_on_once_it_was_quiet(
    tmp_path: Path, clock: Clock, pending: Pending
) -> None:
    path = write(tmp_path / "a.mp3", clock)
    pending.note_file(path)
    assert pending
    assert collect(pending, clock, 30) == {path: 1003.0}
    assert not pending


def test_changes_that_come_together_go_together(
    tmp_path: Path, clock: Clock, pending: Pending
) -> None:
    pending.note_file(str(tmp_path / "gone.mp3"))
    assert collect(pending, clock, 2) == {}
    pending.note_folder(str(tmp_path / "album"))
    taken = collect(pending, clock, 10)
    assert taken == dict.fromkeys([str(tmp_path / "gone.mp3"), str(tmp_path / "album")], 1005.0)


def test_a_growing_file_is_waited_for_and_does_not_hold_up_others(
    tmp_path: Path, clock: Clock, pending: Pending
) -> None:
    growing = write(tmp_path / "growing.mp3", clock)
    done = write(tmp_path / "done.mp3", clock)
    pending.note_file(growing, writing=True)
    pending.note_file(done)
    taken: dict[str, float] = {}
    for _ in range(60):
        write(Path(growing), clock)
        taken |= collect(pending, clock, 1)
    assert taken == {done: 1003.0}
    pending.note_file(growing)  # closed
    assert collect(pending, clock, 5) == {growing: clock.now - 2}


def test_a_stalled_copy_is_given_time(tmp_path: Path, clock: Clock, pending: Pending) -> None:
    path = write(tmp_path / "stalled.mp3", clock)
    pending.note_file(path, writing=True)
    assert collect(pending, clock, 60) == {path: 1010.0}


def test_a_file_that_grows_after_it_was_closed_is_waited_for(
    tmp_path: Path, clock: Clock, pending: Pending
) -> None:
    path = write(tmp_path / "a.mp3", clock)
    pending.note_file(path)
    collect(pending, clock, 2)
    write(Path(path), clock)
    assert collect(pending, clock, 20) == {path: 1006.0}


def test_a_file_moved_in_or_linked_is_not_taken_for_a_copy(
    tmp_path: Path, clock: Clock, pending: Pending
) -> None:
    moved, linked = write(tmp_path / "old.mp3", clock), write(tmp_path / "linked.mp3", clock)
    os.utime(moved, (5, 5))
    os.link(linked, tmp_path / "other.mp3")
    pending.note_file(moved, writing=True)
    pending.note_file(linked, writing=True)
    assert collect(pending, clock, 10) == dict.fromkeys([moved, linked], 1003.0)


def test_a_finished_change_passes_an_endless_stream_of_others(
    tmp_path: Path, clock: Clock, pending: Pending
) -> None:
    first = write(tmp_path / "first.mp3", clock)
    pending.note_file(first)
    taken: dict[str, float] = {}
    for number in range(60):
        pending.note_file(write(tmp_path / f"{number}.mp3", clock))
        taken |= {path: at for path, at in collect(pending, clock, 1).items() if path not in taken}
    assert taken[first] <= 1021
    assert all(taken[str(tmp_path / f"{number}.mp3")] <= 1021 + number for number in range(30))


def test_a_folder_goes_without_the_files_that_are_being_written(
    tmp_path: Path, clock: Clock, pending: Pending
) -> None:
    done, other = write(tmp_path / "a" / "done.mp3", clock), write(tmp_path / "a/b/o.mp3", clock)
    growing = write(tmp_path / "a" / "c" / "growing.mp3", clock)
    write(tmp_path / "a" / "cover.jpg", clock)
    pending.note_folder(str(tmp_path / "a"))
    pending.note_file(growing, writing=True)
    taken: list[str] = []
    for _ in range(20):
        write(Path(growing), clock)
        taken += collect(pending, clock, 1)
    assert sorted(taken) == sorted([done, str(Path(other).parent)])
    pending.note_file(growing)
    assert collect(pending, clock, 40).keys() == {str(tmp_path / "a")}
    assert not pending


def test_what_lies_in_a_changed_folder_is_not_named_again(
    tmp_path: Path, clock: Clock, pending: Pending
) -> None:
    pending.note_file(str(tmp_path / "a" / "x.mp3"))
    for path in ("a/b", "a", "a/c", "ab"):
        pending.note_folder(str(tmp_path / path))
    pending.note_file(str(tmp_path / "a" / "y.mp3"))
    assert collect(pending, clock, 5).keys() == {str(tmp_path / "a"), str(tmp_path / "ab")}


def test_a_hundred_thousand_events_become_a_few_folders(tmp_path: Path, clock: Clock) -> None:
    pending = Pending(3.0, 20.0, clock, wall_clock=clock)
    most = 0
    for number in range(100_000):
        pending.note_file(str(tmp_path / str(number % 10) / f"{number}.mp3"), writing=True)
        most = max(most, len(pending._files))
    taken = collect(pending, clock, 30)
    assert taken.keys() == {str(tmp_path / str(number)) for number in range(10)}
    assert most <= MOST_FILES < 100_000
