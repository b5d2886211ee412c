"""Which client a request comes from, for counting.

``X-Forwarded-For`` is what anybody likes to write. It is believed from the right, as far as
addresses are those of proxies that the operator trusts; the first other one is the client.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass

from aiohttp import web

FORWARDED_FOR = "X-Forwarded-For"
MOST_HOPS = 16
"""Of an address that claims more, the rest is not read."""
IPV6_NETWORK_BITS = 64
"""What one household or server gets, and may take any address of (RFC 6177)."""
UNKNOWN = "unknown"
"""Whoever asks over something that has no addresses."""
_WITH_PORT = re.compile(r"\[([0-9A-Fa-f:.]{2,45})\](?::[0-9]{1,5})?|([0-9.]{7,15}):[0-9]{1,5}")

IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
IpNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True)
class Clients:
    """Tells clients apart."""

    proxies: tuple[IpNetwork, ...] = ()
    """Whose word is taken."""

    @classmethod
    def behind(cls, proxies: Sequence[str]) -> Clients:
        """Clients behind proxies of these addresses or networks. Raises ``ValueError``."""
        return cls(tuple(ipaddress.ip_network(text, strict=False) for text in proxies))

    def of(self, request: web.Request) -> str:
        """The client: its address, and of IPv6 the network that it is free to choose it from."""
        client = _address(request.remote or "")
        if client is None:
            return UNKNOWN
        if self._trusts(client):
            said = ",".join(request.headers.getall(FORWARDED_FOR, []))
            for hop in reversed(said.rsplit(",", MOST_HOPS)[-MOST_HOPS:]):
                address = _address(hop.strip())
                if address is None:
                    break
                client = address
                if not self._trusts(client):
                    break
        return _name(client)

    def _trusts(self, address: IpAddress) -> bool:
        return any(address in network for network in self.proxies)


def _address(text: str) -> IpAddress | None:
    match = _WITH_PORT.fullmatch(text)
    try:
        address = ipaddress.ip_address(text if match is None else match[1] or match[2])
    except ValueError:
        return None
    mapped = getattr(address, "ipv4_mapped", None)
    return address if mapped is None else mapped


def _name(address: IpAddress) -> str:
    if address.version == 4:
        return str(address)
    return str(ipaddress.ip_network((address.packed, IPV6_NETWORK_BITS), strict=False))
