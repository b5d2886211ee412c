"""What the jailed process answers, as bytes: read by the daemon without trusting any of it."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import Enum, IntFlag

HEADER = struct.Struct(">cBI")
LONGEST_WORDS = 400


class Ending(Enum):
    """How it went."""

    MUSIC = b"M"
    FAULT = b"F"
    NO_JAIL = b"J"


class Layer(IntFlag):
    """What a jail is made of."""

    RLIMITS = 1
    NO_NEW_PRIVILEGES = 2
    LANDLOCK = 4
    SECCOMP = 8


@dataclass(frozen=True, slots=True)
class Verdict:
    """One program's music, or why there is none."""

    ending: Ending
    layers: Layer
    """Those that were shut around the program."""
    line: int | None
    body: bytes
    """A MIDI file, or a sentence."""

    @property
    def words(self) -> str:
        """The sentence, printable and short."""
        text = self.body[: 4 * LONGEST_WORDS].decode("utf-8", "replace")
        return "".join(letter if letter.isprintable() else " " for letter in text)[:LONGEST_WORDS]


def packed(answer: Verdict) -> bytes:
    """For the pipe."""
    line = min(answer.line or 0, 2**32 - 1)
    return HEADER.pack(answer.ending.value, answer.layers, line) + answer.body


def unpacked(data: bytes) -> Verdict:
    """From the pipe. Raises ``ValueError`` for anything that is no answer."""
    if len(data) < HEADER.size:
        raise ValueError("an answer of the jailed process is too short")
    ending, layers, line = HEADER.unpack_from(data)
    return Verdict(Ending(ending), Layer(layers), line or None, data[HEADER.size :])
