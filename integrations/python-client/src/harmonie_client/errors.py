"""What can go wrong."""

from __future__ import annotations

from typing import Any


class HarmonieApiError(Exception):
    """The daemon refused: ``status``, and ``message`` in its own words."""

    def __init__(self, status: int, body: Any, retry_after_s: float | None = None) -> None:
        self.status = status
        self.body = body
        """The error body of the family, as it came."""
        self.retry_after_s = retry_after_s
        """How long to wait before the same is asked again, where the daemon says so."""
        self.message = _message(body) or f"the daemon answered {status}"
        super().__init__(f"{self.message} ({status})")


class HarmonieUnreachableError(Exception):
    """There was no answer, or none that can be read."""


def _message(body: Any) -> str | None:
    """The words, wherever the family puts them."""
    if isinstance(body, str):
        return body[:300].strip() or None
    if not isinstance(body, dict):
        return None
    for key in ("detail", "message", "error"):
        value = body.get(key)
        if isinstance(value, str):
            return value
        if isinstance(value, dict):
            return _message(value)
        if isinstance(value, list) and value and isinstance(value[0], dict):
            return str(value[0].get("msg") or value[0])
    return None
