from __future__ import annotations

from harmonie_daemon.domain.backoff import backoff_s


def test_waiting_doubles_from_the_first_to_the_longest_and_never_overflows() -> None:
    waits = [backoff_s(n, first_s=60, longest_s=3600) for n in (1, 2, 6, 7, 100_000)]
    assert waits == [60, 120, 1920, 3600, 3600]
