"""Daemons under measurement: real processes, each with a copy of the same library."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from made_library import ROOT

BENCH = Path(__file__).resolve().parent
START_TIMEOUT_S = 300.0
STOP_TIMEOUT_S = 60.0
TICK_S = 1 / os.sysconf("SC_CLK_TCK")
ALONE = {
    "HARMONIE_LIBRARIES": ROOT,
    "HARMONIE_HOST": "127.0.0.1",
    "HARMONIE_PORT": "0",
    "HARMONIE_SCAN_ON_STARTUP": "false",
    "HARMONIE_SCAN_INTERVAL_HOURS": "0",
    "HARMONIE_WATCH": "false",
    "HARMONIE_DEFAULT_PLAYLISTS": "false",
}
"""Nothing but answering: no scan, no watching, no playlists of its own."""


@dataclass(frozen=True, slots=True)
class Checkout:
    """Some state of the code, with an interpreter that imports it."""

    name: str
    folder: Path
    python: Path

    @classmethod
    def here(cls) -> Checkout:
        """The one this file lies in."""
        return cls("after", BENCH.parent, Path(sys.executable))

    @classmethod
    def at(cls, folder: Path) -> Checkout:
        """Another one, such as a git worktree, that has a ``.venv`` of its own."""
        python = folder.absolute() / ".venv/bin/python"
        if not python.exists():
            raise SystemExit(f"{folder} has no .venv: make one there that imports its package")
        return cls("before", folder.absolute(), python)


def made_library(cache: Path, tracks: int, checkout: Checkout) -> Path:
    """The data folder in the cache; made by that checkout if it is not there yet."""
    folder = cache / f"{tracks}-tracks"
    if not folder.exists():
        unfinished = cache / f"{tracks}-tracks.unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        print(f"making a library of {tracks} tracks in {folder} ...", file=sys.stderr)
        command = [checkout.python, BENCH / "made_library.py", unfinished, str(tracks)]
        subprocess.run(command, check=True, cwd=checkout.folder)
        unfinished.rename(folder)
    return folder


class Served:
    """One checkout's daemon, from start to stop (a context manager)."""

    def __init__(self, checkout: Checkout, library: Path, work: Path, **environment: str) -> None:
        self.name = checkout.name
        self._data = work / checkout.name / "data"
        shutil.copytree(library, self._data)
        self._log = work / checkout.name / "daemon.log"
        self._python = checkout.python
        self._environment = environment
        self._process: subprocess.Popen[bytes]
        self.address = ""

    def __enter__(self) -> Served:
        """Start twice: the first time a newer store may bring the library up to date."""
        self._start()
        self.__exit__()
        self._start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.poll() is None:
            self._process.terminate()
            self._process.wait(STOP_TIMEOUT_S)

    def _start(self) -> None:
        others = {name: value for name, value in os.environ.items() if "HARMONIE_" not in name}
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [self._python, "-m", "harmonie_daemon", "serve"],
                cwd=self._data.parent,
                env={
                    **others,
                    **ALONE,
                    **self._environment,
                    "HARMONIE_DATA_DIR": str(self._data),
                },
                stdout=log,
                stderr=log,
            )
        deadline = time.monotonic() + START_TIMEOUT_S
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.__exit__()
                raise SystemExit(f"{self.name} does not start: {self._log.read_text()[-2000:]}")
            time.sleep(0.1)

    def _answers(self) -> bool:
        try:
            self.address = json.loads((self._data / "daemon.json").read_text())["url"][7:]
            with urlopen(f"http://{self.address}/api/v1/status", timeout=60) as answer:
                return answer.status == 200
        except (OSError, ValueError, URLError):
            return False

    @property
    def pid(self) -> int:
        """Process id of the daemon."""
        return self._process.pid

    def cpu_s(self) -> float:
        """CPU seconds of all its threads so far."""
        stat = Path(f"/proc/{self._process.pid}/stat").read_text()
        user, system = stat.rpartition(")")[2].split()[11:13]
        return (int(user) + int(system)) * TICK_S

    def memory_mib(self) -> tuple[float, float]:
        """Resident now, and the most so far."""
        lines = Path(f"/proc/{self._process.pid}/status").read_text().splitlines()
        kib = {line.split(":")[0]: line.split()[1] for line in lines if line.startswith("Vm")}
        return int(kib["VmRSS"]) / 1024, int(kib["VmHWM"]) / 1024
