from __future__ import annotations

import asyncio
import logging
import re
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from harmonie_daemon.compose.musicpy_code.studio import (
    EVALUATING,
    MOST_WAITING,
    CodeStudio,
    open_code_studio,
)
from harmonie_daemon.domain.errors import BusyError, CodeError, CodeUnavailableError
from harmonie_daemon.workers import Budget, Start, Supervisor, WorkerKind
from tests.compose.musicpy_code.prisoners import LIES
from tests.data.musicpy_attacks import ATTACKS, LEGAL, Attack

DIALECT = Path(__file__).parents[3] / "docs" / "musicpy-dialect.md"
SOME_ATTACKS = [attack for number, attack in enumerate(ATTACKS) if number % 12 == 0]


@pytest.fixture
async def studio() -> AsyncIterator[CodeStudio]:
    async with open_code_studio() as opened:
        yield opened


@asynccontextmanager
async def studio_of(function: str) -> AsyncIterator[CodeStudio]:
    """A studio whose child does something else."""
    target = f"tests.compose.musicpy_code.prisoners:{function}"
    supervisor = Supervisor(WorkerKind("hostile", target, start=Start.FRESH), Budget(1))
    try:
        yield CodeStudio(supervisor)
    finally:
        await supervisor.close()


@pytest.mark.parametrize("code", re.findall(r"```python\n(.*?)```", DIALECT.read_text(), re.DOTALL))
async def test_the_programs_of_the_documentation_make_music(studio: CodeStudio, code: str) -> None:
    evaluated = await studio.run(code)
    assert evaluated.midi.startswith(b"MThd")
    assert len(evaluated.score.parts) >= 2


async def test_a_fault_says_the_line_and_the_reason(studio: CodeStudio) -> None:
    with pytest.raises(CodeError, match="there is no function open") as caught:
        await studio.run("x = 1\n\nresult = open('/etc/passwd')")
    assert caught.value.line == 3
    assert str(caught.value).startswith("line 3: ")


@pytest.mark.parametrize("attack", SOME_ATTACKS, ids=lambda attack: attack.name)
async def test_an_attack_is_refused_and_the_next_program_heard(
    studio: CodeStudio, attack: Attack
) -> None:
    with pytest.raises(CodeError, match=attack.reason) as caught:
        await studio.run(attack.code)
    assert caught.value.line == attack.line
    assert (await studio.run(LEGAL)).score.parts


async def test_a_program_that_is_longer_than_any_is_not_even_handed_over(
    studio: CodeStudio,
) -> None:
    with pytest.raises(CodeError, match="longer than"):
        await studio.run("#" * 1_000_000)


async def test_of_many_at_once_one_is_evaluated_some_wait_and_the_rest_are_refused(
    studio: CodeStudio,
) -> None:
    results = await asyncio.gather(
        *(studio.run(LEGAL) for _ in range(MOST_WAITING + 3)), return_exceptions=True
    )
    refused = [result for result in results if isinstance(result, BaseException)]
    assert len(refused) == 2
    assert all(isinstance(error, BusyError) for error in refused)
    assert (await studio.run(LEGAL)).score.parts


async def test_two_programs_at_once_are_not_confused(studio: CodeStudio) -> None:
    first, second = await asyncio.gather(
        studio.run("result = note('C', 4)"), studio.run("result = note('D', 5)")
    )
    pitches = [result.score.parts[0].notes[0].pitch for result in (first, second)]
    assert pitches == [60, 74]


async def test_who_goes_away_makes_room(studio: CodeStudio) -> None:
    for _ in range(2 * MOST_WAITING):
        running = asyncio.ensure_future(studio.run(LEGAL))
        await asyncio.sleep(0)
        running.cancel()
        await asyncio.wait({running})
    assert (await studio.run(LEGAL)).score.parts


async def test_what_the_jail_is_made_of_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    async with studio_of("lie") as studio:
        await studio.tell_layers()
    async with studio_of("without_seccomp") as studio:
        await studio.tell_layers()
    async with open_code_studio() as studio:
        await studio.tell_layers()
    assert "everything else works" in caplog.text
    assert re.search(r"evaluated behind rlimits, no new privileges,.* seccomp", caplog.text)


async def test_without_seccomp_no_program_is_looked_at() -> None:
    async with studio_of("without_seccomp") as studio:
        with pytest.raises(CodeUnavailableError, match="no list of system calls"):
            await studio.run(LEGAL)


@pytest.mark.parametrize("lie", LIES)
async def test_nothing_that_the_process_says_is_believed(lie: str) -> None:
    _, error, words = LIES[lie]
    async with studio_of("lie") as studio:
        with pytest.raises(error, match=words) as caught:
            await studio.run(lie)
    assert len(str(caught.value)) < 600
    assert str(caught.value).isprintable()


async def test_a_process_that_dies_is_a_fault_of_the_program() -> None:
    async with studio_of("end") as studio:
        with pytest.raises(CodeError, match="gave no music"):
            await studio.run(LEGAL)


def test_the_kind_of_worker_is_fresh_and_not_nice() -> None:
    """Whoever asks waits for it, and a job is nothing beside that of hearing a file."""
    assert EVALUATING.start is Start.FRESH
    assert EVALUATING.niceness == 0


def test_the_daemon_itself_knows_no_musicpy() -> None:
    """It would open a sound card, and leave a thread behind."""
    asks = "import sys, harmonie_daemon.app; print({'musicpy', 'pygame'} & set(sys.modules))"
    told = subprocess.run([sys.executable, "-c", asks], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "set()"
