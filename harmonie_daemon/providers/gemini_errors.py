"""What can go wrong with a language model, in one error, and what its service's answers mean."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

import aiohttp

from harmonie_daemon.domain.errors import HarmonieError

SHOWN_CHARACTERS = 200
"""Of what Google says about a refusal."""
LONGEST_WAIT_S = 3_600.0
_UNPRINTABLE = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_SECONDS = re.compile(r"([0-9]{1,6}(?:\.[0-9]{1,9})?)s?", re.ASCII)


class GeminiFault(StrEnum):
    """Why there is no answer."""

    UNAUTHORIZED = "unauthorized"
    """The key is wrong, or may not do this."""
    NO_SUCH_MODEL = "no_such_model"
    QUOTA = "quota"
    FAILED = "failed"
    """The service itself is in trouble."""
    TIMEOUT = "timeout"
    UNREACHABLE = "unreachable"
    REFUSED = "refused"
    """The request does not please the service, whoever asks it how often."""
    BLOCKED = "blocked"
    """The model will not speak of this."""
    INCOMPLETE = "incomplete"
    """Nothing was said, or not to the end."""
    GARBLED = "garbled"
    """What was said is not what was asked for, or is much too long."""


_PASSING = frozenset(
    {GeminiFault.QUOTA, GeminiFault.FAILED, GeminiFault.TIMEOUT, GeminiFault.UNREACHABLE}
)


class GeminiError(HarmonieError):
    """Gemini gave no answer that can be used; ``fault`` says why."""

    code = "gemini"

    def __init__(
        self, message: str, fault: GeminiFault, *, retry_after_s: float | None = None
    ) -> None:
        super().__init__(message)
        self.fault = fault
        self.retry_after_s = retry_after_s
        """What the service asked to wait."""

    @property
    def is_retryable(self) -> bool:
        """Whether the same request may do in a while."""
        return self.fault in _PASSING

    @property
    def is_worth_waiting(self) -> bool:
        """Whether the same model may do in a moment. One that took its time would again."""
        return self.is_retryable and self.fault is not GeminiFault.TIMEOUT

    @property
    def is_of_the_model(self) -> bool:
        """Whether another model may do."""
        return self.fault not in (
            GeminiFault.UNAUTHORIZED,
            GeminiFault.REFUSED,
            GeminiFault.BLOCKED,
        )


class RedirectedError(Exception):
    """The service points somewhere else; the key goes nowhere but where it was meant for."""


class EndlessError(Exception):
    """The answer has more bytes than are read."""


FORESEEN: tuple[type[Exception], ...] = (
    RedirectedError,
    EndlessError,
    TimeoutError,
    OSError,
    aiohttp.ClientError,
    # what the library raises over an answer whose shape it does not know
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    # a session that is closed; JSON without end
    RuntimeError,
)
"""What a request may raise beside the library's own errors."""


def refusal(
    status: int, said: str, details: object, headers: Mapping[str, str], model: str
) -> GeminiError:
    """The error that an answer with a status of 400 and above stands for."""
    text = shortened(said)
    if status in (401, 403) or (status == 400 and "api key" in text.lower()):
        return GeminiError(
            f"Gemini does not accept the key ({status}: {text}); HARMONIE_GEMINI_API_KEY holds it",
            GeminiFault.UNAUTHORIZED,
        )
    if status == 404:
        return GeminiError(
            f"Gemini knows no model {model} at this API version; HARMONIE_GEMINI_MODEL, "
            "HARMONIE_GEMINI_FAILOVER_MODEL and HARMONIE_GEMINI_API_VERSION name them",
            GeminiFault.NO_SUCH_MODEL,
        )
    if status == 429:
        return GeminiError(
            f"the quota of the Gemini key is used up for now: {text}",
            GeminiFault.QUOTA,
            retry_after_s=_wanted_wait_s(details, headers),
        )
    if status >= 500 or status == 408:
        return GeminiError(f"Gemini has failed ({status}): {text}", GeminiFault.FAILED)
    return GeminiError(f"Gemini refuses the request ({status}): {text}", GeminiFault.REFUSED)


def failure(error: Exception) -> GeminiError:
    """The error that stands for one of the network or of the library."""
    match error:
        case TimeoutError():
            words, fault = "Gemini did not answer in time", GeminiFault.TIMEOUT
        case RedirectedError():
            words = "Gemini's address redirects; put the right one into HARMONIE_GEMINI_BASE_URL"
            fault = GeminiFault.REFUSED
        case EndlessError():
            words, fault = "Gemini answered without an end", GeminiFault.GARBLED
        case aiohttp.InvalidURL():
            words = "HARMONIE_GEMINI_BASE_URL is not an address like https://host"
            fault = GeminiFault.REFUSED
        case aiohttp.ClientError() | OSError():
            words = f"cannot reach Gemini: {shortened(str(error))}"
            fault = GeminiFault.UNREACHABLE
        case _:
            words, fault = "Gemini answered what nobody can read", GeminiFault.GARBLED
    return GeminiError(words, fault)


def shortened(text: str) -> str:
    """Somebody else's words on one line, and not many of them."""
    line = _UNPRINTABLE.sub(" ", text).strip()
    return line if len(line) <= SHOWN_CHARACTERS else line[: SHOWN_CHARACTERS - 1] + "…"


def _wanted_wait_s(details: object, headers: Mapping[str, str]) -> float | None:
    """Of ``Retry-After``, or of google.rpc.RetryInfo in the body."""
    found = _seconds(headers.get("Retry-After"))
    return found if found is not None else _seconds(_retry_delay(details))


def _retry_delay(details: Any) -> object:
    try:
        for entry in details["error"]["details"]:
            if "retryDelay" in entry:
                return entry["retryDelay"]
    except (TypeError, KeyError, IndexError):
        pass
    return None


def _seconds(text: object) -> float | None:
    match = _SECONDS.fullmatch(text.strip()) if isinstance(text, str) else None
    return min(float(match[1]), LONGEST_WAIT_S) if match else None
