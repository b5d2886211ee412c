"""What can happen on the way to any service elsewhere, and what is said of it.

Nothing here knows one of them; each has errors of its own.
"""

from __future__ import annotations

import re
from enum import StrEnum

import aiohttp

SHOWN_CHARACTERS = 200
"""Of what a service says about a refusal."""
LONGEST_WAIT_S = 3_600.0
_UNPRINTABLE = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_SECONDS = re.compile(r"([0-9]{1,6}(?:\.[0-9]{1,9})?)s?", re.ASCII)


class RedirectedError(Exception):
    """The service points somewhere else; the key goes nowhere but where it was meant for."""


class EndlessError(Exception):
    """The answer has more bytes than are read."""


FORESEEN: tuple[type[Exception], ...] = (
    RedirectedError,
    EndlessError,
    OSError,
    aiohttp.ClientError,
    # an answer that cannot be read
    ValueError,
    # a session that is closed; JSON without end
    RuntimeError,
)
"""What a request may raise."""


class Trouble(StrEnum):
    """Why there is no answer; faults of each service have the same words."""

    TIMEOUT = "timeout"
    WRONG_ADDRESS = "wrong_address"
    FAILED = "failed"
    UNREACHABLE = "unreachable"
    GARBLED = "garbled"


def trouble_of(error: Exception, service: str, address: str) -> tuple[str, Trouble]:
    """What an error of the network means, or one over an answer that cannot be read, in words.

    ``address`` is the variable that holds the service's.
    """
    match error:
        case TimeoutError():
            words, trouble = f"{service} did not answer in time", Trouble.TIMEOUT
        case RedirectedError():
            words = f"{service}'s address redirects; put the right one into {address}"
            trouble = Trouble.WRONG_ADDRESS
        case EndlessError():
            words, trouble = f"{service} answered without an end", Trouble.GARBLED
        case aiohttp.InvalidURL():
            words = f"{address} is not an address like https://host"
            trouble = Trouble.WRONG_ADDRESS
        case aiohttp.ClientPayloadError():
            words = f"{service} broke off in the middle of its answer"
            trouble = Trouble.FAILED
        case aiohttp.ClientError() | OSError():
            words = f"cannot reach {service}: {shortened(str(error))}"
            trouble = Trouble.UNREACHABLE
        case _:
            words, trouble = f"{service} answered what nobody can read", Trouble.GARBLED
    return words, trouble


def shortened(text: str) -> str:
    """Somebody else's words on one line, and not many of them."""
    line = _UNPRINTABLE.sub(" ", text).strip()
    return line if len(line) <= SHOWN_CHARACTERS else line[: SHOWN_CHARACTERS - 1] + "…"


def wanted_wait_s(text: object) -> float | None:
    """The seconds of ``Retry-After`` and the like, an hour at most; of ``12`` and of ``1.5s``."""
    match = _SECONDS.fullmatch(text.strip()) if isinstance(text, str) else None
    return min(float(match[1]), LONGEST_WAIT_S) if match else None
