"""How long a caller of STALGIA's API waits, from a prompt to MIDI and to sound.

``python bench/words.py [--rounds N]``: a daemon of its own on an empty library. What is compared
with what stands beside it in the same rounds: an example's answer with having its program
evaluated, its MP3 with its WAV.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Callable
from http.client import HTTPConnection
from pathlib import Path

from served import TICK_S, Checkout, Served

from harmonie_daemon.compose.words.examples import example_prompts

OWN_WISH = "a calm evening at the sea, one minute"
MOST_MIDI_S, MOST_MP3_S = 1.0, 5.0
"""What was promised for an example."""


def main() -> None:
    """Measure in turns and print medians, maxima and ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as folder:
        empty = Path(folder) / "empty"
        empty.mkdir()
        with Served(Checkout.here(), empty, Path(folder)) as served:
            times = measured(served.address, rounds)
            before = cpu_s(served.pid)
            for _ in range(rounds):
                made(served.address, "/generate", {"prompt": example_prompts()[0]}, "audio")
            mp3_cpu_s = (cpu_s(served.pid) - before) / rounds
    report(times)
    print(f"an example to MP3 takes {mp3_cpu_s:.2f} s of a processor, daemon and worker together")


def measured(address: str, rounds: int) -> dict[str, list[float]]:
    """Seconds of each way, by its name."""
    prompt = example_prompts()[0]
    code = json.loads(asked(address, "POST", "/generate", {"prompt": prompt}))["code"]
    ways: dict[str, Callable[[], object]] = {
        "example to MIDI": lambda: made(address, "/generate", {"prompt": prompt}, "midi"),
        "its program evaluated, to MIDI": lambda: made(
            address, "/render-code", {"code": code}, "midi"
        ),
        "a wish of one's own to MIDI": lambda: made(
            address, "/generate", {"prompt": OWN_WISH}, "midi"
        ),
        "example to MP3": lambda: made(
            address, "/generate", {"prompt": prompt}, "audio?format=mp3"
        ),
        "example to WAV": lambda: made(
            address, "/generate", {"prompt": prompt}, "audio?format=wav"
        ),
    }
    times: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, way in ways.items():
            began = time.perf_counter()
            way()
            times[name].append(time.perf_counter() - began)
    return times


def made(address: str, path: str, body: object, file: str) -> bytes:
    """A new piece, and one of its files."""
    piece = json.loads(asked(address, "POST", path, body))
    return asked(address, "GET", f"/download/{file}{'&' if '?' in file else '?'}id={piece['id']}")


def asked(address: str, method: str, path: str, body: object = None) -> bytes:
    """The body of an answer that must be 200."""
    connection = HTTPConnection(address, timeout=120)
    connection.request(method, path, None if body is None else json.dumps(body))
    with connection.getresponse() as answer:
        content = answer.read()
        if answer.status != 200:
            raise SystemExit(f"{method} {path} answered {answer.status}: {content[:300]!r}")
    return content


def cpu_s(pid: int) -> float:
    """CPU seconds so far of a process and all below it that are still there."""
    parents: dict[int, int] = {}
    ticks: dict[int, int] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        parents[int(path.parent.name)] = int(fields[1])
        ticks[int(path.parent.name)] = int(fields[11]) + int(fields[12])
    family, new = set[int](), {pid}
    while new:
        family |= new
        new = {child for child, parent in parents.items() if parent in new}
    return sum(ticks.get(member, 0) for member in family) * TICK_S


def report(times: dict[str, list[float]]) -> None:
    """A row for each way, then what was promised."""
    for name, seconds in times.items():
        print(f"{name:32} median {statistics.median(seconds):6.3f} s, max {max(seconds):6.3f} s")

    def ratio(one: str, other: str) -> float:
        return statistics.median(times[one]) / statistics.median(times[other])

    midi = ratio("example to MIDI", "its program evaluated, to MIDI")
    print(f"an example is answered in {midi:.2f} of the time that evaluating its program takes")
    print(f"MP3 takes {ratio('example to MP3', 'example to WAV'):.2f} times as long as WAV")
    kept = max(times["example to MIDI"]) < MOST_MIDI_S and max(times["example to MP3"]) < MOST_MP3_S
    print(f"an example below {MOST_MIDI_S:g} s to MIDI and {MOST_MP3_S:g} s to MP3: {kept}")


if __name__ == "__main__":
    main()
