"""What the evaluator and its jail cost: milliseconds a program, beside musicpy under plain exec.

Both start a process for every program and end with the same MIDI bytes. Written for this machine's
processors; the ratio is what carries over. Usage: ``python bench/evaluator.py [--rounds 3]``
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from harmonie_daemon.compose.musicpy_code import child
from harmonie_daemon.compose.musicpy_code.studio import EVALUATING, CodeStudio
from harmonie_daemon.workers import Budget, Start, Supervisor, WorkerKind
from tests.data.musicpy_programs import PROGRAMS

PLAIN = [sys.executable, "-m", "tests.compose.musicpy_code.plain_musicpy"]
NOTES_EACH, PARTS = 2_500, 8
NAMES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")


def ten_minutes() -> str:
    """The most notes that there may be, in the form that hits each tick."""
    chance = random.Random(1)
    chords = []
    for _ in range(PARTS):
        notes = [
            f"{chance.choice(NAMES)}{chance.randint(1, 7)}"
            f"[{chance.randint(60, 900)}/3840;{chance.choice([0, 240, 480])}/3840;"
            f"{chance.randint(30, 127)}]"
            for _ in range(NOTES_EACH)
        ]
        chords.append(f"chord('{','.join(notes)}')")
    return f"result = piece([{', '.join(chords)}], [1] * {PARTS}, 120, channels=[0,1,2,3,4,5,6,9])"


async def plain(code: str) -> None:
    """A fresh interpreter, musicpy, exec, MIDI."""
    process = await asyncio.create_subprocess_exec(
        *PLAIN, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    await process.communicate(json.dumps({"program": code}).encode())
    assert process.returncode == 0


async def timed(run: Callable[[str], Awaitable[object]], code: str) -> float:
    """Milliseconds of one program."""
    began = time.perf_counter()
    await run(code)
    return 1000 * (time.perf_counter() - began)


async def compared(studio: CodeStudio, title: str, codes: list[str], rounds: int) -> None:
    """One line: medians of both, taken in turn so that both see the same machine."""
    ours, theirs = [], []
    for _ in range(rounds):
        for code in codes:
            ours.append(await timed(studio.run, code))
            theirs.append(await timed(plain, code))
    evaluated, executed = statistics.median(ours), statistics.median(theirs)
    print(
        f"{title:<28} {evaluated:7.0f} ms evaluated in the jail, {executed:7.0f} ms under exec: "
        f"{evaluated / executed:.2f}",
        flush=True,
    )


async def main() -> None:
    """The three comparisons and the memory."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    rounds = parser.parse_args().rounds
    supervisor = Supervisor(EVALUATING, Budget(1))
    studio = CodeStudio(supervisor)
    await studio.layers()
    programs, longest = list(PROGRAMS.values()), ten_minutes()
    await compared(studio, "nearly nothing", ["result = C('C')"], 5 * rounds)
    await compared(studio, f"{len(programs)} programs, each", programs, rounds)
    await compared(studio, f"{PARTS * NOTES_EACH:,} notes", [longest], rounds)
    await supervisor.close()
    measuring = WorkerKind("measured", "bench.evaluator_child:measured", start=Start.FRESH)
    supervisor = Supervisor(measuring, Budget(1))
    for title, code in (("nearly nothing", "result = C('C')"), ("20,000 notes", longest)):
        resident, addresses = json.loads(await supervisor.run(code.encode(), timeout_s=30))
        print(
            f"memory of the child, {title}: {resident / 1024:.0f} MB, "
            f"{addresses / 1024:.0f} MB of addresses"
        )
    await supervisor.close()


if __name__ == "__main__":
    assert EVALUATING.target == child.TARGET
    asyncio.run(main())
