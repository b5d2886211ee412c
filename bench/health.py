"""Asks /health every 20 ms until its input ends; a process of its own, so that it never waits
for the bench.

``python health.py HOST:PORT``. Says ``asking`` at the first answer and, at the end, the waits in
seconds as a JSON list.
"""

from __future__ import annotations

import json
import select
import sys
import time
from http.client import HTTPConnection

EVERY_S = 0.02


def main(address: str) -> None:
    """Ask until the input ends."""
    connection = HTTPConnection(address)
    waits = [wait(connection)]
    print("asking", flush=True)
    due = time.perf_counter()
    while not has_ended(due + EVERY_S - time.perf_counter()):
        due = max(due + EVERY_S, time.perf_counter() - EVERY_S)
        waits.append(wait(connection))
    print(json.dumps(waits[1:]))


def has_ended(within_s: float) -> bool:
    """Whether the input ends in that time."""
    return bool(select.select([sys.stdin], [], [], max(0.0, within_s))[0])


def wait(connection: HTTPConnection) -> float:
    """How long one answer takes."""
    began = time.perf_counter()
    connection.request("GET", "/health")
    with connection.getresponse() as answer:
        answer.read()
    return time.perf_counter() - began


if __name__ == "__main__":
    main(sys.argv[1])
