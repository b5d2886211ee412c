from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from harmonie_daemon.compose.musicpy_code.studio import CodeStudio, open_code_studio
from harmonie_daemon.domain.errors import CodeError

DIALECT = Path(__file__).parents[3] / "docs" / "musicpy-dialect.md"


@pytest.fixture
async def studio() -> AsyncIterator[CodeStudio]:
    async with open_code_studio() as opened:
        yield opened


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
