"""When no file is begun."""

from __future__ import annotations

import asyncio
from datetime import datetime

import pytest

from harmonie_daemon.domain.quiet_hours import QuietHours
from harmonie_daemon.scanning.pace import Pace
from harmonie_daemon.scanning.rest import OwnLoad, Rest
from tests.scanning.world import Clock


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-03-01T{text}")


@pytest.mark.parametrize(
    ("hours", "now", "left_s"),
    [
        ("08:00-23:00", "07:59:59", None),
        ("08:00-23:00", "08:00:00", 15 * 3600),
        ("08:00-23:00", "22:59:30", 30),
        ("08:00-23:00", "23:00:00", None),
        ("22:00-06:30", "21:59", None),
        ("22:00-06:30", "23:30", 7 * 3600),
        ("22:00-06:30", "00:00", 6.5 * 3600),
        ("22:00-06:30", "06:29:59", 1),
        ("22:00-06:30", "06:30", None),
        (" 9:00 - 17:00 ", "12:00", 5 * 3600),
        ("18:00-00:00", "23:00", 3600),
    ],
)
def test_quiet_hours_end_when_they_say_also_after_midnight(
    hours: str, now: str, left_s: float | None
) -> None:
    assert QuietHours.parse(hours).left_s(at(now)) == left_s


@pytest.mark.parametrize("text", ["", "8-23", "08:00", "24:00-01:00", "08:61-09:00", "09:00-09:00"])
def test_hours_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"must|run from"):
        QuietHours.parse(text)


def local_time(text: str) -> Clock:
    return Clock(at(text).timestamp())


def test_quiet_hours_are_said_with_their_end() -> None:
    clock = local_time("23:10")
    rest = Rest(OwnLoad(1, clock), clock, quiet_hours=QuietHours.parse("22:00-06:30"))
    assert rest.because() == "quiet hours until 06:30"
    clock.now = at("06:30").timestamp()
    assert rest.because() is None


def test_only_the_load_of_others_counts() -> None:
    clock, load = Clock(), [0.0]
    own = OwnLoad(2, clock)
    rest = Rest(own, clock, max_load=1.5, load=lambda: load[0])
    with own.hearing(), own.hearing(), own.hearing():
        clock.now += 600
        load[0] = 3.4
        assert own.now == pytest.approx(2.0, abs=0.01)
        assert rest.because() is None
        load[0] = 3.6
        assert rest.because() == "others keep the machine busy: their load is 1.6"
    load[0] = 2.0
    assert rest.because() is None, "what we did a moment ago is still in the average"
    clock.now += 60
    assert own.now == pytest.approx(2.0 / 2.718, abs=0.01)


def test_load_is_nobodys_concern_by_default() -> None:
    clock = Clock()
    assert Rest(OwnLoad(1, clock), clock, load=lambda: 99.0).because() is None


async def test_nobody_waits_while_there_is_no_reason() -> None:
    clock = Clock()
    assert not await Rest(OwnLoad(1, clock), clock).over()


async def test_waiting_ends_with_the_reason() -> None:
    clock = local_time("22:30")
    rest = Rest(
        OwnLoad(1, clock), clock, quiet_hours=QuietHours.parse("22:00-23:00"), longest_nap_s=0.01
    )
    waiting = asyncio.create_task(rest.over())
    rest.pause()
    clock.now = at("23:00").timestamp()
    done, _ = await asyncio.wait({waiting}, timeout=0.1)
    assert not done
    rest.resume()
    assert await asyncio.wait_for(waiting, 1.0)


def test_the_pace_is_that_of_the_last_files_and_begins_anew_after_a_rest() -> None:
    clock = Clock()
    pace = Pace(clock)
    pace.start()
    assert pace.left_s(10) is None
    for _ in range(4):
        clock.now += 3
        pace.finished()
    assert pace.left_s(10) == pytest.approx(30)
    clock.now += 9 * 3600
    assert pace.left_s(10) == pytest.approx(30)
    pace.start()
    clock.now += 2
    pace.finished()
    assert pace.left_s(10) == pytest.approx(20)
