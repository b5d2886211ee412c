"""Which client a request comes from."""

from __future__ import annotations

import pytest
from aiohttp.test_utils import make_mocked_request
from multidict import CIMultiDict

from harmonie_daemon.web.clients import UNKNOWN, Clients

PROXIES = ("10.0.0.0/8", "::1")


def client(peer: str | None, *forwarded: str, proxies: tuple[str, ...] = PROXIES) -> str:
    headers = CIMultiDict([("X-Forwarded-For", one) for one in forwarded])
    request = make_mocked_request("GET", "/", headers=headers).clone(remote=peer or "")
    return Clients.behind(proxies).of(request)


@pytest.mark.parametrize(
    ("peer", "forwarded", "expected"),
    [
        ("203.0.113.7", (), "203.0.113.7"),
        ("203.0.113.7", ("198.51.100.1",), "203.0.113.7"),
        ("10.1.1.1", (), "10.1.1.1"),
        ("10.1.1.1", ("198.51.100.1",), "198.51.100.1"),
        ("10.1.1.1", ("1.1.1.1, 198.51.100.1",), "198.51.100.1"),
        ("10.1.1.1", ("1.1.1.1", "198.51.100.1"), "198.51.100.1"),
        ("10.1.1.1", ("1.1.1.1, 198.51.100.1, 10.2.2.2",), "198.51.100.1"),
        ("10.1.1.1", ("10.3.3.3, 10.2.2.2",), "10.3.3.3"),
        ("10.1.1.1", ("198.51.100.1:4711",), "198.51.100.1"),
        ("10.1.1.1", ("[2001:db8::5]:4711",), "2001:db8::/64"),
        ("10.1.1.1", ("198.51.100.1, nonsense",), "10.1.1.1"),
        ("10.1.1.1", ("",), "10.1.1.1"),
        ("10.1.1.1", ("198.51.100.1,",), "10.1.1.1"),
        ("10.1.1.1", (", ".join(["198.51.100.1", *["10.2.2.2"] * 99]),), "10.2.2.2"),
        ("::1", ("2001:db8:1:2:3:4:5:6",), "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", (), "2001:db8:1:2::/64"),
        ("fe80::1%eth0", (), "fe80::/64"),
        ("::ffff:203.0.113.7", (), "203.0.113.7"),
        ("::ffff:10.1.1.1", ("198.51.100.1",), "198.51.100.1"),
        (None, ("198.51.100.1",), UNKNOWN),
    ],
)
def test_the_client_is_the_last_one_that_no_trusted_proxy_is(
    peer: str | None, forwarded: tuple[str, ...], expected: str
) -> None:
    assert client(peer, *forwarded) == expected


def test_nobody_is_trusted_unless_the_operator_says_so() -> None:
    assert client("127.0.0.1", "198.51.100.1", proxies=()) == "127.0.0.1"
