"""How long to wait before trying again what failed."""

from __future__ import annotations

MOST_DOUBLINGS = 30


def backoff_s(failures: int, *, first_s: float, longest_s: float) -> float:
    """Seconds to wait after this many failures in a row (from 1): doubling, up to the longest."""
    return min(first_s * 2.0 ** min(max(failures - 1, 0), MOST_DOUBLINGS), longest_s)
