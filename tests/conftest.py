"""What ``make test`` leaves to ``.ci/run``, which sets ``HARMONIE_TEST_EVERYTHING``.

``sampled(n)`` is for a matrix of cases of one kind: one in n of them is run, the same ones always.
``thorough`` is for what takes long and is told by a shorter test as well.
"""

from __future__ import annotations

import os
import signal
import zlib
from collections import defaultdict

import pytest

EVERYTHING = bool(os.environ.get("HARMONIE_TEST_EVERYTHING"))


def pytest_configure() -> None:
    """A shell starts what runs with ``&`` deaf to Ctrl-C, and so would be whatever tests start."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is for CI alone."""
    if EVERYTHING:
        return
    cases: dict[str, list[pytest.Item]] = defaultdict(list)
    for item in items:
        if item.get_closest_marker("sampled"):
            cases[item.nodeid.partition("[")[0]].append(item)
    left = {item for matrix in cases.values() for item in _left_out(matrix)}
    left |= {item for item in items if item.get_closest_marker("thorough")}
    if left:
        config.hook.pytest_deselected(items=list(left))
        items[:] = [item for item in items if item not in left]


def _left_out(matrix: list[pytest.Item]) -> list[pytest.Item]:
    """All but one in n, by a number that follows from the name of the case."""
    marker = matrix[0].get_closest_marker("sampled")
    assert marker is not None
    by_number = sorted(matrix, key=lambda item: zlib.crc32(item.nodeid.encode()))
    return by_number[max(2, len(matrix) // int(marker.args[0])) :]
