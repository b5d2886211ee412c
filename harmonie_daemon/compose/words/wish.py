"""What somebody asks for in words. None of it is trusted, all of it is data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Want(StrEnum):
    """What can be chosen beside the prompt; the words of STALGIA's clients."""

    GENRE = "genre"
    MOOD = "mood"
    TEMPO = "tempo"
    KEY = "key"
    STRUCTURE = "structure"
    INSTRUMENTS = "instruments"
    NOTES = "notes"


@dataclass(frozen=True, slots=True)
class Wish:
    """One request for music."""

    prompt: str
    """Not blank."""
    wants: Mapping[Want, str] = field(default_factory=dict)
    """None of them blank; each wins over the prompt."""
    variation: str = ""
    """How it should differ from an earlier one."""


def cleaned(text: str) -> str:
    """Without what cannot be printed (line breaks and tabs stay) and without space around it."""
    kept = (sign if sign.isprintable() or sign in "\n\t" else " " for sign in text)
    return "".join(kept).strip()
