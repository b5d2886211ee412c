"""Every attack through the real jail, and the jail under the service's own filter, as nobody."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Iterable
from ctypes.util import find_library
from pathlib import Path
from typing import Any

import mido
import pytest

from harmonie_daemon.compose.musicpy_code.jail.shutting import ALL
from harmonie_daemon.compose.musicpy_code.studio import NO_MUSIC, CodeStudio, open_code_studio
from harmonie_daemon.compose.musicpy_code.verdict import Layer
from harmonie_daemon.domain.errors import CodeError
from tests.compose.musicpy_code.prisoners import NOBODY
from tests.compose.musicpy_code.test_jail import landlock_version
from tests.data.musicpy_attacks import ATTACKS, LEGAL, LOOK_HARMFUL
from tests.data.musicpy_programs import PROGRAMS

ROOT = Path(__file__).parents[2]
UNIT = ROOT / "systemd" / "harmonie.service"
HERE = ALL if landlock_version() else ALL & ~Layer.LANDLOCK


@pytest.fixture
async def studio() -> AsyncIterator[CodeStudio]:
    async with open_code_studio() as opened:
        yield opened


@pytest.mark.thorough
async def test_every_attack_is_refused_in_the_jail_and_leaves_nothing(
    studio: CodeStudio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for attack in ATTACKS:
        with pytest.raises(CodeError, match=attack.reason) as caught:
            await studio.run(attack.code)
        assert caught.value.line == attack.line, attack.name
        assert NO_MUSIC not in str(caught.value), "ended by the kernel, not by the evaluator"
    assert (await studio.run(LEGAL)).score.parts
    assert not list(tmp_path.iterdir())
    assert not [
        path
        for path in ("/tmp/harmonie-was-here", "/tmp/harmonie-was-here.mid", "/temp.mid")
        if Path(path).exists()
    ]


@pytest.mark.thorough
async def test_every_legal_program_passes_the_jail(studio: CodeStudio) -> None:
    for code in (*PROGRAMS.values(), *LOOK_HARMFUL.values()):
        assert (await studio.run(code)).score.parts


def expanded(name: str) -> set[str]:
    """The calls of one of systemd's sets, or the call itself."""
    if not name.startswith("@"):
        return {name}
    listed = subprocess.run(
        ["systemd-analyze", "syscall-filter", name], capture_output=True, text=True, check=True
    ).stdout
    members = [line.strip() for line in listed.splitlines()[1:]]
    return set().union(*(expanded(one) for one in members if one and not one.startswith("#")))


def of_unit(lines: Iterable[str]) -> set[str]:
    """What the unit's lines leave, taken one after the other as systemd.exec(5) says."""
    allowed: set[str] = set(expanded("@default"))
    for line in lines:
        if found := re.fullmatch(r"SystemCallFilter=(~?)(.*)", line.strip()):
            names = set().union(*map(expanded, found[2].split()))
            allowed = allowed - names if found[1] else allowed | names
    return allowed


def interpreter_for_everybody() -> str:
    """One that nobody may start: ours is often in root's own folder."""
    mine = Path(sys.executable).resolve()
    if all(folder.stat().st_mode & 0o001 for folder in mine.parents):
        return sys.executable
    other = f"/usr/bin/python{sys.version_info.major}.{sys.version_info.minor}"
    if not Path(other).exists():
        pytest.skip(f"neither {mine} nor {other} can be started by nobody")
    return other


def told(allowed: Iterable[str] | None = None) -> str:
    """What a studio says in a process of its own, as nobody where that is possible.

    ``allowed``: the only calls that the process may make.
    """
    as_nobody: dict[str, Any] = {}
    python = sys.executable
    if os.getuid() == 0:
        as_nobody = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
        python = interpreter_for_everybody()
        if not all(folder.stat().st_mode & 0o001 for folder in (ROOT, *ROOT.parents)):
            pytest.skip(f"nobody may enter {ROOT}")
    done = subprocess.run(
        [python, "-m", "tests.e2e.unit_filter", *([] if allowed is None else ["filtered"])],
        input="\n".join(allowed or ()),
        cwd=ROOT,
        env={"PATH": os.defpath, "PYTHONPATH": str(Path(mido.__file__).parents[1])},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        **as_nobody,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.fixture
def can_filter() -> None:
    """Skips where the unit's filter cannot be had."""
    if shutil.which("systemd-analyze") is None or find_library("seccomp") is None:
        pytest.skip("needs systemd-analyze and libseccomp: apt-get install systemd")


def test_nobody_gets_the_whole_jail() -> None:
    assert told() == f"{int(HERE)} 4"


@pytest.mark.usefixtures("can_filter")
def test_the_service_lets_its_child_shut_itself_in() -> None:
    assert told(of_unit(UNIT.read_text().splitlines())) == f"{int(HERE)} 4"


@pytest.mark.usefixtures("can_filter")
def test_without_the_lines_for_it_the_jail_has_no_landlock() -> None:
    lines = [line for line in UNIT.read_text().splitlines() if "landlock" not in line]
    assert told(of_unit(lines)) == f"{int(HERE & ~Layer.LANDLOCK)} 4"


@pytest.mark.usefixtures("can_filter")
def test_without_prctl_there_are_no_programs_and_the_reason_is_told() -> None:
    answer = told(of_unit(UNIT.read_text().splitlines()) - {"prctl", "seccomp"})
    assert answer.startswith("code_unavailable programs are not evaluated here: this machine")
