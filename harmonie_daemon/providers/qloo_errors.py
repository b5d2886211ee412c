"""What can go wrong with Qloo, in one error, and what its answers mean."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from harmonie_daemon.domain.errors import OutsideServiceError
from harmonie_daemon.providers.troubles import shortened, trouble_of, wanted_wait_s

REFUSED_KEY_REST_S = 60.0
"""How long a key that was refused is not tried again."""
QUOTA_REST_S = 30.0
"""Where the service does not say how long to wait."""


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
        wanted_s = wanted_wait_s(headers.get("Retry-After"))
        return QlooError(
            "the quota of the Qloo key is used up for now",
            QlooFault.QUOTA,
            rest_s=QUOTA_REST_S if wanted_s is None else wanted_s,
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
    words, trouble = trouble_of(error, "Qloo", "HARMONIE_QLOO_BASE_URL")
    return QlooError(words, QlooFault(trouble))
