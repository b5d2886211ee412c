"""The kinds of texts that bodies hold."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

LONGEST_INPUT = 500
"""Characters, as documented."""
LONGEST_TEXT = 20_000
LONGEST_NAME = 500
LONGEST_WORD = 100
"""Of moods, themes, story types and the like."""
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


def _printable(text: str) -> str:
    if _CONTROLS.search(text):
        raise ValueError("must not hold control characters")
    return text


def _says_something(text: str) -> str:
    if not text.strip():
        raise ValueError("must say something")
    return text.strip()


Printable = AfterValidator(_printable)
Said = AfterValidator(_says_something)
"""Not blank."""
Input = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_INPUT), Printable, Said]
LongText = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_TEXT), Printable, Said]
Name = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_NAME), Printable, Said]
Word = Annotated[str, Field(max_length=LONGEST_WORD), Printable]
"""Blank ones, and those that nobody knows, ask for nothing."""
