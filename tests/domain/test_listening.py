"""What counts as having played a track."""

from __future__ import annotations

import pytest

from harmonie_daemon.domain.errors import ParameterError
from harmonie_daemon.domain.listening import PlayOutcome, judge, listener_key

COUNTED, SKIPPED, PARTIAL = PlayOutcome.COUNTED, PlayOutcome.SKIPPED, PlayOutcome.PARTIAL


@pytest.mark.parametrize(
    ("heard_s", "ended_at_s", "duration_s", "outcome"),
    [
        (200.0, 200.0, 200.0, COUNTED),
        (100.0, 190.0, 200.0, COUNTED),  # half of it, and within ten seconds of the end
        (99.9, 200.0, 200.0, PARTIAL),  # it ended, but more than half was jumped over
        (300.0, 359.9, 400.0, PARTIAL),  # not far enough
        (300.0, 360.0, 400.0, COUNTED),  # nine tenths
        (45.0, 50.0, 60.0, COUNTED),  # within ten seconds, though not nine tenths
        (45.0, 49.0, 60.0, PARTIAL),
        (29.9, 29.9, 400.0, SKIPPED),
        (30.0, 30.0, 400.0, PARTIAL),
        (19.9, 19.9, 100.0, SKIPPED),  # a fifth comes before half a minute
        (20.0, 20.0, 100.0, PARTIAL),
        (5.0, 100.0, 100.0, PARTIAL),  # jumped to the end: that is no skip
        (0.0, 0.0, 200.0, SKIPPED),
        (10.0, 10.0, 10.0, COUNTED),
        (5.0, 5.0, 0.0, PARTIAL),  # of an unknown length nothing can be said
        (400.0, 100.0, 200.0, PARTIAL),  # round and round, and left in the middle
    ],
)
def test_what_counts(
    heard_s: float, ended_at_s: float, duration_s: float, outcome: PlayOutcome
) -> None:
    assert judge(heard_s, ended_at_s, duration_s) is outcome


def test_names_are_compared_as_people_do() -> None:
    assert listener_key(" Zoe\u0308 ") == listener_key("ZOË") == "zoë"
    assert listener_key("ẞ") == listener_key("ss")


@pytest.mark.parametrize("name", ["", "  ", "x" * 101, "a\nb", "a\0b", "\u202eabc", "\ud800"])
def test_what_nobody_is_called(name: str) -> None:
    with pytest.raises(ParameterError, match="must be a name of 1 to 100 characters"):
        listener_key(name)
