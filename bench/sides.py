"""Two analyses side by side, each in a process of its own so that neither pays for the other.

A side is a script that is given one path per line as JSON and answers each with a line of JSON.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")
FOLDER = Path(__file__).resolve().parent
ONE_THREAD = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "TF_NUM_INTRAOP_THREADS",
    "TF_NUM_INTEROP_THREADS",
)
OTHER = "other"
"""CPU seconds that belong to no named stage."""


@dataclass(frozen=True, slots=True)
class Findings:
    """What a side has found in one file."""

    values: Mapping[str, float | str | None]
    """Descriptors by the names of ``domain.track.Descriptors``; ``duration_s`` if it knows."""
    embedding: Sequence[float] = ()
    """Mean over the patches."""
    styles: Sequence[float] = ()
    """Mean probabilities of the 400 styles."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What a side has to say about one file, and what it cost."""

    findings: Findings
    stages: Mapping[str, float]
    """Name to CPU seconds (user and system, all threads); their sum is all that was spent."""
    peak_bytes: int
    """The most memory that the process has had resident so far."""


class CannotHearError(Exception):
    """A side has no answer for a file."""


class Side:
    """A running side."""

    def __init__(self, name: str, script: str, *arguments: str) -> None:
        self.name = name
        self._process = subprocess.Popen(
            [sys.executable, str(FOLDER / script), *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | dict.fromkeys(ONE_THREAD, "1") | {"TF_CPP_MIN_LOG_LEVEL": "3"},
        )

    def hear(self, path: str) -> Heard:
        """Its answer; ``CannotHearError`` if it has none, or has died."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(json.dumps(path) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise CannotHearError(f"{self.name} ended with {self._process.wait()}")
        answer = json.loads(line)
        if "reason" in answer:
            raise CannotHearError(f"{self.name}: {answer['reason']}")
        return Heard(**(answer | {"findings": Findings(**answer["findings"])}))

    def close(self) -> None:
        """End the process."""
        self._process.communicate()


class Stages:
    """CPU seconds by name; what is outside every stage is counted as ``OTHER`` at the end."""

    def __init__(self) -> None:
        self._began = time.process_time()
        self._spent: dict[str, float] = {}

    def run(self, name: str, work: Callable[[], T]) -> T:
        """Do something and count it towards a stage."""
        began = time.process_time()
        result = work()
        self.add({name: time.process_time() - began})
        return result

    def add(self, spent: Mapping[str, float]) -> None:
        """Count what somebody else has measured."""
        for name, seconds in spent.items():
            self._spent[name] = self._spent.get(name, 0.0) + seconds

    def finished(self) -> dict[str, float]:
        """All stages, complete."""
        rest = time.process_time() - self._began - sum(self._spent.values())
        return self._spent | {OTHER: max(0.0, rest)}


def serve(load: Callable[[], Callable[[str, Stages], Findings]]) -> None:
    """Be a side: load, then answer until the input ends; other output goes to stderr."""
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    hear = load()
    for line in sys.stdin:
        stages = Stages()
        try:
            findings = hear(json.loads(line), stages)
        except (CannotHearError, RuntimeError, ValueError) as error:
            answers.write(json.dumps({"reason": str(error)}) + "\n")
            continue
        answer = Heard(findings, stages.finished(), peak_bytes())
        answers.write(json.dumps(asdict(answer)) + "\n")


def peak_bytes() -> int:
    """The most that this process has had in memory so far (VmHWM)."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    raise RuntimeError("no VmHWM in /proc/self/status")


def by_turns(paths: Sequence[str], sides: Sequence[Side]) -> list[tuple[str, tuple[Heard, ...]]]:
    """What every side says of every file, one after the other so that noise hits them alike.

    The first file is heard twice and counted once, since it pays for loading. A file that some
    side cannot hear counts for none.
    """
    heard: list[tuple[str, tuple[Heard, ...]]] = []
    for path in paths:
        _read(path)
        try:
            if not heard:
                for side in sides:
                    side.hear(path)
            heard.append((path, tuple(side.hear(path) for side in sides)))
        except CannotHearError as error:
            print(f"{path}: {error}", file=sys.stderr)
    return heard


def _read(path: str) -> None:
    """Bring the file into the page cache, so that nobody pays for the disk."""
    with Path(path).open("rb") as file:
        while file.read(1 << 20):
            pass


def spread(paths: Sequence[str], count: int) -> list[str]:
    """``count`` of the paths at even distances."""
    step = max(1.0, len(paths) / count)
    return [paths[int(index * step)] for index in range(min(count, len(paths)))]
