"""How long a composition takes to be asked for, while another is rendered.

    python bench/compose_http.py [--asked N]

A real daemon in a folder of its own. The baseline is ``GET /health`` of the same daemon at the
same time.
"""

from __future__ import annotations

import argparse
import http.client
import json
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from served import Checkout, Served

ALL = "/api/v1/compositions"
LONG = {"prompt": "ten minutes of calm ambient music", "format": "wav"}
SHORT = {"prompt": "5 seconds of happy pop"}


class Asker:
    """One connection that is kept open, as a client's would be."""

    def __init__(self, address: str) -> None:
        self._connection = http.client.HTTPConnection(address, timeout=60)

    def ask(self, method: str, path: str, body: object = None) -> Any:
        """The JSON of an answer, if there is any."""
        data = None if body is None else json.dumps(body)
        self._connection.request(method, path, data, {"Content-Type": "application/json"})
        answer = self._connection.getresponse()
        text = answer.read()
        assert answer.status < 400, (method, path, answer.status, text)
        return json.loads(text) if text else None

    def took_ms(self, method: str, path: str, body: object = None) -> tuple[float, Any]:
        """How long an answer took, and the answer."""
        began = time.perf_counter()
        answer = self.ask(method, path, body)
        return 1000 * (time.perf_counter() - began), answer


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--asked", type=int, default=40, help="compositions to ask for, below 50")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        nothing = Path(folder) / "nothing"
        nothing.mkdir()
        with Served(Checkout.here(), nothing, Path(folder)) as daemon:
            measure(Asker(daemon.address), options.asked)


def measure(asker: Asker, count: int) -> None:
    """Ask, and print what it took."""
    rows = [("nothing else goes on", *measured(asker, count))]
    rendered = asker.ask("POST", ALL, LONG)["id"]
    until(lambda: asker.ask("GET", f"{ALL}/{rendered}")["made"]["state"] == "composing")
    rows.append(("another is rendered", *measured(asker, count)))
    state = asker.ask("GET", f"{ALL}/{rendered}")["made"]["state"]
    assert state == "composing", "it was too short to measure beside"
    asker.ask("DELETE", f"{ALL}/{rendered}")
    print("| while | GET /health, ms | POST, ms: median | p95 | most | ratio of medians |")
    print("|---|---|---|---|---|---|")
    for name, health, posts in rows:
        median = statistics.median(posts)
        print(
            f"| {name} | {health:.1f} | {median:.1f} | {posts[int(0.95 * len(posts))]:.1f} "
            f"| {posts[-1]:.1f} | {median / health:.1f} |"
        )


def measured(asker: Asker, count: int) -> tuple[float, list[float]]:
    """Median of ``GET /health``, and all times of asking for a composition, ascending."""
    health, posts, ids = [], [], []
    for _ in range(count):
        health.append(asker.took_ms("GET", "/health")[0])
        took, made = asker.took_ms("POST", ALL, SHORT)
        posts.append(took)
        ids.append(made["id"])
    for id_ in ids:
        asker.ask("DELETE", f"{ALL}/{id_}")
    return statistics.median(health), sorted(posts)


def until(condition: Callable[[], bool]) -> None:
    """Wait for it."""
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


if __name__ == "__main__":
    main()
