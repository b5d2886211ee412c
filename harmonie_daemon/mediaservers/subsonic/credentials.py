"""Who we are at a Subsonic server, in each of the ways that servers take it."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import quote, quote_plus

Fields = list[tuple[str, str]]
_TOKEN = re.compile("(?<=t=)[0-9a-f]{32}")
"""With its salt beside it, it is as good as the password."""


class Login(StrEnum):
    """How a request says who asks."""

    API_KEY = "apiKey"
    """OpenSubsonic's; the only one that names no user."""
    TOKEN = "token"  # noqa: S105 - a way to log in
    """MD5 of password and salt; servers that keep only a hash of the password cannot check it."""
    PASSWORD = "password"  # noqa: S105 - a way to log in
    """The password, hex-encoded."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """A user and a password, or a key."""

    user: str
    password: str
    api_key: str = ""
    new_salt: Callable[[], str] = lambda: secrets.token_hex(8)

    @property
    def ways(self) -> tuple[Login, ...]:
        """How to log in, the best way first."""
        return (Login.API_KEY,) if self.api_key else (Login.TOKEN, Login.PASSWORD)

    def without_secrets(self, text: str) -> str:
        """What a server or a proxy said, should it repeat what we sent."""
        for secret in (self.password, self.password.encode().hex(), self.api_key):
            for written in (secret, *_in_addresses(secret)):
                text = text.replace(written, "…") if written else text
        return _TOKEN.sub("…", text)

    def fields(self, way: Login) -> Fields:
        """The parameters that say who asks."""
        match way:
            case Login.API_KEY:
                return [("apiKey", self.api_key)]
            case Login.TOKEN:
                salt = self.new_salt()
                token = hashlib.md5((self.password + salt).encode()).hexdigest()  # noqa: S324 - the protocol's
                return [("u", self.user), ("t", token), ("s", salt)]
            case Login.PASSWORD:
                return [("u", self.user), ("p", f"enc:{self.password.encode().hex()}")]


def _in_addresses(secret: str) -> set[str]:
    """As it may be written there."""
    return {quote(secret), quote(secret, safe=""), quote_plus(secret), quote(secret, safe="/?:@")}
