"""Logging: one line per event, secrets never among them."""

from __future__ import annotations

import logging
import os
import re
import sys
from collections.abc import Sequence

_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f\x85\u2028\u2029]")
_CHATTY = (
    "apscheduler",
    "aiohttp.access",
    "asyncio",
    "watchdog",
    "google_genai",
    "httpx",
    "httpcore",
)
_SYSLOG = {logging.DEBUG: 7, logging.INFO: 6, logging.WARNING: 4, logging.ERROR: 3}


def configure(level: str, secrets: Sequence[str] = ()) -> None:
    """Log to standard error; under systemd with priorities instead of times.

    Whatever of ``secrets`` finds its way into a record, from any library, is masked.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_formatter(under_systemd="JOURNAL_STREAM" in os.environ, secrets=secrets))
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    for chatty in _CHATTY:
        logging.getLogger(chatty).setLevel(logging.WARNING)


def mask(secret: str) -> None:
    """Mask this, too, from now on: a secret that was learnt after the start."""
    for handler in logging.getLogger().handlers:
        if isinstance(handler.formatter, _Redacting):
            handler.formatter.add(secret)


def _formatter(*, under_systemd: bool, secrets: Sequence[str]) -> logging.Formatter:
    if under_systemd:
        return _Redacting("%(syslog)s%(name)s: %(message)s", secrets)
    return _Redacting("%(asctime)s %(levelname)-7s %(name)s: %(message)s", secrets)


class _Redacting(logging.Formatter):
    def __init__(self, fmt: str, secrets: Sequence[str]) -> None:
        super().__init__(fmt, datefmt="%H:%M:%S")
        self._secrets = tuple(secret for secret in secrets if len(secret) >= 4)

    def add(self, secret: str) -> None:
        if len(secret) >= 4 and secret not in self._secrets:
            self._secrets += (secret,)

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's name
        """A file name with a line break in it must not make up a line of its own."""
        record.message = _CONTROL.sub(lambda match: repr(match[0])[1:-1], record.message)
        return super().formatMessage(record)

    def format(self, record: logging.LogRecord) -> str:
        record.syslog = f"<{_SYSLOG.get(record.levelno, 6)}>"
        text = super().format(record)
        for secret in self._secrets:
            text = text.replace(secret, "********")
        return text.encode("utf-8", "backslashreplace").decode("utf-8")
