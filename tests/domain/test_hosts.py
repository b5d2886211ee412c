"""Addresses as text."""

from __future__ import annotations

import pytest

from harmonie_daemon.domain.hosts import Address


@pytest.mark.parametrize("text", ["127.0.0.1:5001", "nas.lan:1", "[::1]:65535", "0.0.0.0:8000"])
def test_an_address_is_written_as_it_is_read(text: str) -> None:
    assert str(Address.parse(text)) == text


def test_brackets_are_no_part_of_an_address() -> None:
    assert Address.parse("[::1]:5001") == Address("::1", 5001)


@pytest.mark.parametrize(
    "text", ["", "5001", ":5001", "nas", "nas:", "nas:0", "nas:65536", "::1:5001", "http://nas:1"]
)
def test_what_is_no_host_and_port_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"127\.0\.0\.1:5001"):
        Address.parse(text)
