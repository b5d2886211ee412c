"""The kinds of texts that bodies hold."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from harmonie_daemon.web.validation import PRINTABLE

LONGEST_INPUT = 500
"""Characters, as documented."""
LONGEST_TEXT = 20_000
LONGEST_NAME = 500
LONGEST_WORD = 100
"""Of moods, themes, story types and the like."""


def _says_something(text: str) -> str:
    if not text.strip():
        raise ValueError("must say something")
    return text.strip()


Said = AfterValidator(_says_something)
"""Not blank."""
Input = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_INPUT), PRINTABLE, Said]
PlainInput = Annotated[str, StringConstraints(max_length=LONGEST_INPUT), PRINTABLE]
"""Blank, something else may say what is asked for."""
LongText = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_TEXT), PRINTABLE, Said]
Name = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_NAME), PRINTABLE, Said]
Word = Annotated[str, Field(max_length=LONGEST_WORD), PRINTABLE]
"""Blank ones, and those that nobody knows, ask for nothing."""
