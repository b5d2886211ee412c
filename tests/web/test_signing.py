from __future__ import annotations

import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harmonie_daemon.web.errors import ForbiddenError
from harmonie_daemon.web.signing import SECRET_BYTES, Signer, is_signed, load_secret

PATH = "/files/compositions/7/mix.mp3"
NOW = 1_700_000_000.0


def signer(secret: bytes = b"s" * SECRET_BYTES, now: float = NOW) -> Signer:
    return Signer(secret, lambda: now)


def signed(path: str = PATH, **query: str) -> tuple[str, str]:
    """Path and query of an address that is good for an hour."""
    address = signer().signed(path, query, for_s=3600)
    before, _, after = address.partition("?")
    assert before == path
    return before, after


def refused(path: str, query: str, by: Signer | None = None) -> str:
    with pytest.raises(ForbiddenError) as caught:
        (by or signer()).check(path, query)
    return str(caught.value)


@given(st.dictionaries(st.text(min_size=1, max_size=9), st.text(max_size=9), max_size=4))
def test_what_was_signed_here_opens(query: dict[str, str]) -> None:
    for name in ("expires", "signature"):
        query.pop(name, None)
    path, raw = signed(**{})
    signer().check(path, raw)
    address = signer().signed(PATH, query, for_s=1)
    signer().check(PATH, address.partition("?")[2])
    assert is_signed(address)


def test_nothing_but_itself_is_opened() -> None:
    path, query = signed(format="mp3")
    wrong = "the signature of this address is wrong"
    assert wrong in refused("/files/compositions/8/mix.mp3", query), "another path"
    assert wrong in refused(path + "/", query), "another path"
    assert wrong in refused(path, query.replace("format=mp3", "format=wav")), "another value"
    assert wrong in refused(path, query + "&download=1"), "another parameter"
    assert wrong in refused(path, query + "&format=mp3"), "a parameter given twice"
    assert wrong in refused(path, query.removeprefix("format=mp3&")), "a parameter left out"
    assert wrong in refused(path, query, signer(b"t" * SECRET_BYTES)), "another daemon's"


def test_its_time_is_part_of_it() -> None:
    path, query = signed()
    signer(now=NOW + 3600).check(path, query)
    assert "expired" in refused(path, query, signer(now=NOW + 3601.5))
    later = query.replace(str(int(NOW + 3600)), str(int(NOW + 9_999_999)))
    assert "wrong" in refused(path, later, signer(now=NOW + 3602))


@pytest.mark.parametrize(
    "query",
    [
        "",
        "expires=1&signature=",
        "signature=x",
        "expires=later&signature=x",
        "expires=%D9%A1&signature=x",
        "expires=1&expires=2&signature=x",
        "expires=1&signature=x&signature=y",
        "expires=99999999999&signature=%C3%A9",
        "&".join(f"p{number}=1" for number in range(1000)),
        "expires=" + "9" * 100_000 + "&signature=x",
    ],
)
def test_anything_else_is_refused(query: str) -> None:
    assert "ask for a new one" in refused(PATH, query)


def test_the_secret_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "signing.key"
    secret = load_secret(path)
    assert len(secret) == SECRET_BYTES
    assert load_secret(path) == secret
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [file.name for file in tmp_path.iterdir()] == ["signing.key"]


def test_a_secret_that_was_cut_short_is_made_anew(tmp_path: Path) -> None:
    path = tmp_path / "signing.key"
    path.write_bytes(b"short")
    assert len(load_secret(path)) == SECRET_BYTES
