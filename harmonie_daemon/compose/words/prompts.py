"""What the language model is told: rules of our own, and what users say as data beside them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from harmonie_daemon.compose.words.wish import Wish
from harmonie_daemon.providers.gemini import Prompt

CREATIVE, CAREFUL = 0.4, 0.1
"""Temperatures."""
LONGEST_BRIEF = 20_000
LONGEST_PROGRAM = 200_000
"""Characters that a model is shown."""


def brief_prompt(wish: Wish) -> Prompt:
    """Asks for a brief."""
    described = {"prompt": wish.prompt, "wanted": dict(wish.wants), "variation": wish.variation}
    return Prompt(_rules("director"), _with_data("direct", described), CREATIVE)


def code_prompt(brief: str) -> Prompt:
    """Asks for the program of a brief."""
    return Prompt(_rules("coder"), _with_data("write", {"brief": brief}), CREATIVE)


def repair_prompt(brief: str, program: str, fault: str) -> Prompt:
    """Asks to mend a program that was refused; ``fault`` names the line."""
    data = {"brief": brief, "program": program[:LONGEST_PROGRAM], "message": fault}
    return Prompt(_rules("coder"), _with_data("repair", data), CAREFUL)


def change_prompt(brief: str, program: str, request: str) -> Prompt:
    """Asks for another version of a program."""
    data = {"brief": brief, "program": program[:LONGEST_PROGRAM], "request": request}
    return Prompt(_rules("coder"), _with_data("change", data), CREATIVE)


def _with_data(task: str, data: Mapping[str, object]) -> str:
    """JSON has no end that a text in it could forge."""
    return f"{_rules(task)}\n{json.dumps(data, ensure_ascii=False)}\n"


@cache
def _rules(name: str) -> str:
    folder = files("harmonie_daemon.compose.words") / "prompt_files"
    return (folder / f"{name}.md").read_text(encoding="utf-8")
