"""What clustering a large library costs a real daemon: time, memory, and other people's answers."""

from __future__ import annotations

import json
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.request import Request, urlopen

import load
from questions import similar
from served import Checkout, Served, made_library

IDLE_S = 10.0
WORKERS = "2"


def large_library(cache: Path, tracks: int) -> Iterator[tuple[str, str, str, str]]:
    """Rows of figures: one clustering with the defaults while a client asks for neighbours."""
    library = made_library(cache, tracks, Checkout.here())
    with (
        tempfile.TemporaryDirectory(prefix="harmonie-bench-") as work,
        Served(Checkout.here(), library, Path(work), HARMONIE_WORKERS=WORKERS) as served,
    ):
        load.measure(served, similar(10), tracks, connections=1, seconds=2.0, seed=0)  # warm
        idle = load.measure(served, similar(10), tracks, connections=1, seconds=IDLE_S, seed=1)
        alone = _Clustering(served)
        alone.join()
        busy, beside = _measured_beside(served, tracks)
    quiet, loud = idle.figures()["p99 ms"], busy.figures()["p99 ms"]
    yield f"{tracks} tracks, alone", f"{alone.seconds:.1f} s", "asked for", "60 s"
    yield f"{tracks} tracks, beside questions", f"{beside.seconds:.1f} s", "", ""
    peak = max(alone.peak_mib, beside.peak_mib)
    yield "memory of the worker", f"{peak:.0f} MiB", "asked for", "600 MB"
    yield (
        "p99 of similar meanwhile",
        f"{loud:.0f} ms (p50 {busy.figures()['p50 ms']:.0f})",
        "idle",
        f"{quiet:.0f} ms (p50 {idle.figures()['p50 ms']:.0f}): {loud / quiet:.1f} times",
    )


def _measured_beside(served: Served, tracks: int) -> tuple[load.Measured, _Clustering]:
    """Questions for as long as a clustering goes on."""
    beside, asked, seed = _Clustering(served), load.Measured(), 2
    while beside.is_alive():
        once = load.measure(served, similar(10), tracks, connections=1, seconds=1.0, seed=seed)
        asked.waits_s += once.waits_s
        seed += 1
    beside.join()
    return asked, beside


class _Clustering(threading.Thread):
    """One clustering from its start to its end, and the memory of the largest worker."""

    def __init__(self, served: Served) -> None:
        super().__init__()
        self._url = f"http://{served.address}"
        self._daemon = served.pid
        self.seconds = self.peak_mib = float("nan")
        self.peak_mib = 0.0
        self.start()

    def run(self) -> None:
        began = time.perf_counter()
        task = self._ask("/api/clustering/start", b"{}")["task_id"]
        while True:
            self.peak_mib = max(self.peak_mib, *_resident_mib(self._daemon))
            state = self._ask(f"/api/status/{task}")
            if state["state"] in {"SUCCESS", "FAILURE", "REVOKED"}:
                break
            time.sleep(0.05)
        self.seconds = time.perf_counter() - began
        if state["state"] != "SUCCESS":
            raise RuntimeError(state)

    def _ask(self, path: str, body: bytes | None = None) -> dict[str, str]:
        with urlopen(Request(self._url + path, body), timeout=60) as answer:
            found: dict[str, str] = json.load(answer)
            return found


def _resident_mib(daemon: int) -> list[float]:
    """The most that each process of the workers has held: children of the daemon's children."""
    found = [0.0]
    for nursery in _children(daemon):
        for worker in _children(nursery):
            try:
                status = Path(f"/proc/{worker}/status").read_text()
            except OSError:
                continue
            lines = [line.split() for line in status.splitlines() if line.startswith("VmHWM")]
            found += [int(line[1]) / 1024 for line in lines]
    return found


def _children(pid: int) -> list[int]:
    try:
        tasks = [task / "children" for task in Path(f"/proc/{pid}/task").iterdir()]
        return [int(child) for task in tasks for child in task.read_text().split()]
    except OSError:
        return []
