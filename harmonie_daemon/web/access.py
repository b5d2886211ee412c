"""What each endpoint asks of whoever asks it: nothing, the key, or something that stands for it.

The key in a header opens everything. Where no key is configured nobody is asked for anything, but a
signed address that was tampered with is refused all the same.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Open:
    """Nothing."""


@dataclass(frozen=True, slots=True)
class Key:
    """The key, in a header."""


@dataclass(frozen=True, slots=True)
class KeyInQuery:
    """The key, in a header or in this parameter of the query; for callers that send no headers."""

    parameter: str


@dataclass(frozen=True, slots=True)
class Signed:
    """The key, or an address that ``signing.Signer`` gave out. GET only."""


@dataclass(frozen=True, slots=True)
class Cookie:
    """The key, or the cookie of a session (``sessions``)."""


Access = Open | Key | KeyInQuery | Signed | Cookie
OPEN, KEY, SIGNED, COOKIE = Open(), Key(), Signed(), Cookie()
