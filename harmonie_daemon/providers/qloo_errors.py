"""What can go wrong with Qloo, in one error, and what its answers mean."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum

import aiohttp

from harmonie_daemon.domain.errors import OutsideServiceError
from harmonie_daemon.providers.gemini_errors import EndlessError, RedirectedError, shortened

LONGEST_WAIT_S = 3600.0
REFUSED_KEY_REST_S = 60.0
"""How long a key that was refused is not tried again."""
QUOTA_REST_S = 30.0
"""Where the service does not say how long to wait."""
_SECONDS = re.compile(r"[0-9]{1,6}", re.ASCII)


class QlooFault(StrEnum):
    """Why there is no answer."""

    UNAUTHORIZED = "unauthorized"
    """The key is wrong, or belongs to another host."""
    QUOTA = "quota"
    FAILED = "failed"
    """The service itself is in trouble."""
    TIMEOUT = "timeout"
    UNREACHABLE = "unreachable"
    WRONG_ADDRESS = "wrong_address"
    """Whatever is there, it is not Qloo's API."""
    REFUSED = "refused"
    """The request does not please the service, whenever it is asked."""
    GARBLED = "garbled"
    """What was said is not what was asked for, or is much too long."""
    RESTING = "resting"
    """It has just failed, and is left alone for a while."""
    BUSY = "busy"
    """Too many wait for it."""


class QlooError(OutsideServiceError):
    """Qloo gave no answer that can be used; ``fault`` says why."""

    code = "qloo"

    def __init__(self, message: str, fault: QlooFault, *, rest_s: float | None = None) -> None:
        super().__init__(message)
        self.fault = fault
        self.rest_s = rest_s
        """For how long it is of no use to ask again, where that is known."""


def qloo_refusal(status: int, said: str, headers: Mapping[str, str]) -> QlooError:
    """The error that an answer with another status than 200 stands for."""
    text = shortened(said)
    if status in (401, 403):
        return QlooError(
            f"Qloo does not accept the key ({status}); HARMONIE_QLOO_API_KEY holds it, and it must "
            "belong to the host in HARMONIE_QLOO_BASE_URL",
            QlooFault.UNAUTHORIZED,
            rest_s=REFUSED_KEY_REST_S,
        )
    if status == 429:
        return QlooError(
            "the quota of the Qloo key is used up for now",
            QlooFault.QUOTA,
            rest_s=_wanted_wait_s(headers),
        )
    if status == 404:
        return QlooError(
            "Qloo has nothing at this address; HARMONIE_QLOO_BASE_URL holds its host",
            QlooFault.WRONG_ADDRESS,
        )
    if status >= 500 or status == 408:
        return QlooError(f"Qloo has failed ({status}): {text}", QlooFault.FAILED)
    return QlooError(f"Qloo refuses the request ({status}): {text}", QlooFault.REFUSED)


def qloo_failure(error: Exception) -> QlooError:
    """The error that stands for one of the network, or for an answer that cannot be read."""
    match error:
        case TimeoutError():
            words, fault = "Qloo did not answer in time", QlooFault.TIMEOUT
        case RedirectedError():
            words = "Qloo's address redirects; put the right one into HARMONIE_QLOO_BASE_URL"
            fault = QlooFault.WRONG_ADDRESS
        case EndlessError():
            words, fault = "Qloo answered without an end", QlooFault.GARBLED
        case aiohttp.InvalidURL():
            words = "HARMONIE_QLOO_BASE_URL is not an address like https://host"
            fault = QlooFault.WRONG_ADDRESS
        case aiohttp.ClientPayloadError():
            words, fault = "Qloo broke off in the middle of its answer", QlooFault.FAILED
        case aiohttp.ClientError() | OSError():
            words = f"cannot reach Qloo: {shortened(str(error))}"
            fault = QlooFault.UNREACHABLE
        case _:
            words, fault = "Qloo answered what nobody can read", QlooFault.GARBLED
    return QlooError(words, fault)


def _wanted_wait_s(headers: Mapping[str, str]) -> float:
    match = _SECONDS.fullmatch(headers.get("Retry-After", "").strip())
    return min(float(match[0]), LONGEST_WAIT_S) if match else QUOTA_REST_S
