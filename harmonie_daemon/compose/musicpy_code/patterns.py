"""What a drum pattern's text costs: a few letters in it can ask for a million notes."""

from __future__ import annotations

import re

from harmonie_daemon.compose.musicpy_code.faults import FaultError

REPEATS = re.compile(r"[rR]:\s*([^,;|\]\[!]*)")
MOST_REPEATS = 1_000
LONGEST_DIGITS = re.compile(r"\d{7}")
SYMBOL_COST = 40
"""Microseconds for one letter; a note is two or three."""


def cost(pattern: str) -> int:
    """Microseconds that reading it takes, about. Raises ``FaultError`` if it repeats too often.

    Every repetition is counted as if it were one of all the rest, which is the worst it can mean.
    """
    if LONGEST_DIGITS.search(pattern):
        raise FaultError("a number in a drum pattern has more than 6 digits")
    times = 1
    for found in REPEATS.finditer(pattern.replace(" ", "").replace("\n", "")):
        if not (found[1].isascii() and found[1].isdigit()):
            raise FaultError("r: in a drum pattern wants a whole number")
        times *= max(1, int(found[1]))
        if times > MOST_REPEATS:
            raise FaultError(f"a drum pattern repeats more than {MOST_REPEATS} times")
    return 200 + SYMBOL_COST * len(pattern) * times
