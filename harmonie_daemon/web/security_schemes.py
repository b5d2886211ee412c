"""How the document says what each endpoint asks of whoever asks it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from harmonie_daemon.web.access import Access, Cookie, Key, KeyInQuery, Open, Signed
from harmonie_daemon.web.schemas import Schema
from harmonie_daemon.web.sessions import SESSION_COOKIE
from harmonie_daemon.web.signing import SIGNATURE

HEADER_SCHEMES: Mapping[str, Schema] = {
    "ApiKey": {
        "type": "apiKey",
        "in": "header",
        "name": "X-API-Key",
        "description": "The daemon's one key. Not asked for when the daemon runs without a key.",
    },
    "Bearer": {
        "type": "http",
        "scheme": "bearer",
        "description": "The same key in the Authorization header.",
    },
}


def security_schemes(in_use: Iterable[Access]) -> dict[str, Schema]:
    """Every scheme there is a use for, by name."""
    schemes = dict(HEADER_SCHEMES)
    for access in in_use:
        own = _own_scheme(access)
        if own is not None:
            schemes[own[0]] = own[1]
    return schemes


def default_security() -> list[Schema]:
    """What is asked of operations that say nothing else: one of these."""
    return [{name: []} for name in HEADER_SCHEMES]


def security_of(access: Access) -> list[Schema] | None:
    """What an operation asks for; ``None``: the same as all the others."""
    if isinstance(access, Open):
        return []
    own = _own_scheme(access)
    return None if own is None else [*default_security(), {own[0]: []}]


def _own_scheme(access: Access) -> tuple[str, Schema] | None:
    match access:
        case Open() | Key():
            return None
        case KeyInQuery(parameter):
            return f"ApiKeyAs_{parameter}", _scheme("query", parameter, "The same key.")
        case Signed():
            words = "Part of an address that this daemon gave out; it opens nothing else."
            return "SignedAddress", _scheme("query", SIGNATURE, words)
        case Cookie():
            return "Session", _scheme("cookie", SESSION_COOKIE, "A session of the page.")


def _scheme(place: str, name: str, description: str) -> Schema:
    return {"type": "apiKey", "in": place, "name": name, "description": description}
