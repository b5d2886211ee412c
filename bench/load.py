"""Asking one question over some connections for a while, and what that cost the daemon."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection

from questions import Ask
from served import BENCH, Served

FEWEST_REQUESTS = 3
"""Of each connection, however long they take."""
REQUEST_TIMEOUT_S = 300.0


@dataclass(slots=True)
class Measured:
    """One question to one side; rounds add up."""

    waits_s: list[float] = field(default_factory=list)
    health_s: list[float] = field(default_factory=list)
    cpu_s: float = 0.0
    elapsed_s: float = 0.0

    def figures(self) -> dict[str, float]:
        """Milliseconds, and requests per second; NaN for what was not asked."""
        count = len(self.waits_s) or float("nan")
        return {
            "p50 ms": percentile(self.waits_s, 50) * 1e3,
            "p99 ms": percentile(self.waits_s, 99) * 1e3,
            "CPU ms": self.cpu_s / count * 1e3,
            "requests/s": count / (self.elapsed_s or float("nan")),
            "/health p50 ms": percentile(self.health_s, 50) * 1e3,
            "/health p99 ms": percentile(self.health_s, 99) * 1e3,
            "/health longest ms": percentile(self.health_s, 100) * 1e3,
        }


def percentile(values: list[float], share: float) -> float:
    """The smallest value that this many per cent do not exceed; NaN of nothing."""
    if not values:
        return float("nan")
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share / 100))]


def measure(
    served: Served, ask: Ask | None, tracks: int, *, connections: int, seconds: float, seed: int
) -> Measured:
    """Ask over all connections at once until the time is up."""
    measured = Measured()
    with _health_asked(served.address, measured.health_s):
        cpu_s, began = served.cpu_s(), time.perf_counter()
        if ask is None:
            time.sleep(seconds)
        else:
            askers = [
                _Asker(served.address, ask, tracks, began + seconds, seed * connections + number)
                for number in range(connections)
            ]
            for asker in askers:
                asker.start()
            for asker in askers:
                measured.waits_s += asker.waits()
        measured.elapsed_s = time.perf_counter() - began
        measured.cpu_s = served.cpu_s() - cpu_s
    return measured


@contextmanager
def _health_asked(address: str, waits_s: list[float]) -> Iterator[None]:
    """Someone asks /health meanwhile; afterwards the list holds how long that took."""
    command = [sys.executable, str(BENCH / "health.py"), address]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as asking:
        assert asking.stdout is not None
        asking.stdout.readline()
        yield
        said, _ = asking.communicate()
        waits_s += json.loads(said)


class _Asker(threading.Thread):
    """One connection."""

    def __init__(self, address: str, ask: Ask, tracks: int, until: float, seed: int) -> None:
        super().__init__()
        self._connection = HTTPConnection(address, timeout=REQUEST_TIMEOUT_S)
        self._ask, self._tracks, self._until = ask, tracks, until
        self._chance = random.Random(seed)
        self._waits_s: list[float] = []
        self._error: Exception | None = None

    def waits(self) -> list[float]:
        """How long each answer took, once the time is up; raises what went wrong."""
        self.join()
        if self._error is not None:
            raise self._error
        return self._waits_s

    def run(self) -> None:
        """Ask until the time is up."""
        try:
            while len(self._waits_s) < FEWEST_REQUESTS or time.perf_counter() < self._until:
                self._waits_s.append(self._answered())
        except Exception as error:  # noqa: BLE001 - the border of a thread
            self._error = error
        finally:
            self._connection.close()

    def _answered(self) -> float:
        request = self._ask(self._chance, self._tracks)
        headers = {} if request.body is None else {"Content-Type": "application/json"}
        began = time.perf_counter()
        method = "GET" if request.body is None else "POST"
        self._connection.request(method, request.path, request.body, headers)
        with self._connection.getresponse() as answer:
            body = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{method} {request.path}: {answer.status} {body[:300]!r}")
        return time.perf_counter() - began
