"""How a media server can fail, told apart by what to do about it."""

from __future__ import annotations

from harmonie_daemon.domain.errors import MediaServerError


class UnavailableError(MediaServerError):
    """The server is down, starting or failing; the same request may do later."""

    def __init__(self, message: str, *, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class GarbledError(UnavailableError):
    """An answer that cannot be read: what was asked for may have been done or not."""


class TooLargeError(GarbledError):
    """An answer beyond every bound; it was not read to its end."""


class BadTokenError(MediaServerError):
    """The credential is unknown to the server, or its user may not do this."""


class RefusedError(MediaServerError):
    """This credential cannot do this, and nothing was done."""


class LoginNeededError(RefusedError):
    """None of the credentials that we hold may do this; the message says who has to log in."""


class MissingError(MediaServerError):
    """There is no such thing, or it is hidden from this user."""


class TooLongError(MediaServerError):
    """The request line is too long for the server or a proxy before it."""
