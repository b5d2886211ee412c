"""What can go wrong with a language model, in one error, and what its service's answers mean."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from harmonie_daemon.domain.errors import OutsideServiceError
from harmonie_daemon.providers import troubles
from harmonie_daemon.providers.troubles import shortened, trouble_of, wanted_wait_s


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
    WRONG_ADDRESS = "wrong_address"
    """Whatever is there, it is not Gemini's API."""
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


class GeminiError(OutsideServiceError):
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
            GeminiFault.WRONG_ADDRESS,
            GeminiFault.REFUSED,
            GeminiFault.BLOCKED,
        )


FORESEEN: tuple[type[Exception], ...] = (
    *troubles.FORESEEN,
    # what the library raises over an answer whose shape it does not know
    LookupError,
    TypeError,
    AttributeError,
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
    words, trouble = trouble_of(error, "Gemini", "HARMONIE_GEMINI_BASE_URL")
    return GeminiError(words, GeminiFault(trouble))


def _wanted_wait_s(details: object, headers: Mapping[str, str]) -> float | None:
    """Of ``Retry-After``, or of google.rpc.RetryInfo in the body."""
    found = wanted_wait_s(headers.get("Retry-After"))
    return found if found is not None else wanted_wait_s(_retry_delay(details))


def _retry_delay(details: Any) -> object:
    try:
        for entry in details["error"]["details"]:
            if "retryDelay" in entry:
                return entry["retryDelay"]
    except (TypeError, KeyError, IndexError):
        pass
    return None
