"""Addresses to listen on."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass

_HOST_AND_PORT = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^\s:/\[\]]+):([0-9]{1,5})", re.ASCII)
HIGHEST_PORT = 65535


@dataclass(frozen=True, slots=True)
class Address:
    """Where a server is bound."""

    host: str
    """A name or an address, IPv6 without brackets."""
    port: int

    @classmethod
    def parse(cls, text: str) -> Address:
        """``127.0.0.1:5001`` or ``[::1]:5001``. Raises ``ValueError``."""
        match = _HOST_AND_PORT.fullmatch(text)
        if match is None or not 0 < int(match[2]) <= HIGHEST_PORT:
            raise ValueError(f"must be a host and a port such as 127.0.0.1:5001, not {text!r}")
        return cls(match[1].strip("[]"), int(match[2]))

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach a server bound to ``host``."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
