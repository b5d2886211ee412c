"""The file of tokens: for its owner alone, whole or as it was."""

import os
from pathlib import Path

import pytest

from harmonie_daemon.domain.errors import MediaServerError
from harmonie_daemon.mediaservers.jellyfin.token_file import (
    LARGEST_FILE_BYTES,
    MOST_TOKENS,
    KeptToken,
    TokenFile,
)
from harmonie_daemon.mediaservers.jellyfin.wire import User


def kept(name: str = "alice", token: str = "t0k3n") -> KeptToken:
    return KeptToken("s" * 32, User(name * 4, name, is_admin=True), token, "device", 5.0)


@pytest.fixture
def file(tmp_path: Path) -> TokenFile:
    return TokenFile(tmp_path / "tokens.json")


def test_tokens_come_back_in_their_order(file: TokenFile) -> None:
    assert file.load() == ()
    tokens = (kept("zoë"), kept("alice", 'a"\n'))
    file.save(tokens)
    assert file.load() == tokens
    file.save(())
    assert file.load() == ()
    assert [path.name for path in file.path.parent.iterdir()] == ["tokens.json"]


def test_nobody_else_may_read_it_whatever_the_umask(file: TokenFile) -> None:
    before = os.umask(0)
    try:
        file.save([kept()])
    finally:
        os.umask(before)
    assert file.path.stat().st_mode & 0o777 == 0o600
    file.path.chmod(0o644)
    file.load()
    assert file.path.stat().st_mode & 0o777 == 0o600


ROW = (
    '{"format": 1, "tokens": [{"server_id": "s", "user_id": "u", "name": "n", "is_admin": true,'
    ' "token": "s3cret", "device_id": "d", "since": 1.5}]}'
)


def test_a_file_is_read_as_it_is_written(file: TokenFile) -> None:
    file.path.write_text(ROW)
    (one,) = file.load()
    assert (one.token, one.since) == ("s3cret", 1.5)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        "{}",
        '{"format": 2, "tokens": []}',
        '{"format": 1, "tokens": 5}',
        '{"format": 1, "tokens": [{"token": "s3cret"}]}',
        '{"format": 1, "tokens": [{"server_id": "s", "user_id": "u", "name": "n", "is_admin": true,'
        ' "token": 5, "device_id": "d", "since": 0}]}',
        ROW.replace("s3cret", "s3cret\\ud800"),
        ROW.replace("1.5", "NaN"),
        ROW.replace("1.5", "1" * 400),
        '{"format": 1, "tokens": [' + "[" * 50_000,
        '{"format": 1, "tokens": []}' + " " * LARGEST_FILE_BYTES,
    ],
)
def test_a_damaged_file_is_named_and_left_alone(file: TokenFile, text: str) -> None:
    file.path.write_text(text)
    with pytest.raises(MediaServerError, match="is damaged and left as it is") as caught:
        file.load()
    assert "s3cret" not in repr(caught.value) + repr(caught.value.__cause__)
    assert file.path.read_text() == text


def test_a_file_of_too_many_tokens_is_none_of_ours(file: TokenFile) -> None:
    file.save([kept()] * MOST_TOKENS)
    assert len(file.load()) == MOST_TOKENS
    file.save([kept()] * (MOST_TOKENS + 1))
    with pytest.raises(MediaServerError, match="is damaged"):
        file.load()


def test_what_cannot_be_read_or_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(MediaServerError, match="folder cannot be read: Is a directory"):
        TokenFile(tmp_path / "folder").load()
    with pytest.raises(MediaServerError, match="cannot be written"):
        TokenFile(tmp_path / "nowhere" / "file").save([kept()])


def test_what_is_no_file_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe", 0o644)
    with pytest.raises(MediaServerError, match="pipe is damaged"):
        TokenFile(tmp_path / "pipe").load()
    assert (tmp_path / "pipe").stat().st_mode & 0o777 == 0o644


def test_a_write_that_breaks_off_leaves_the_former_file(
    file: TokenFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    file.save([kept()])

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(MediaServerError, match="No space left"):
        file.save([kept(), kept("bob")])
    monkeypatch.undo()
    assert file.load() == (kept(),)
    assert [path.name for path in file.path.parent.iterdir()] == ["tokens.json"]


def test_what_a_kill_left_of_a_write_goes_with_the_next_one(file: TokenFile) -> None:
    file.path.with_name("tokens.json.new").write_text("half")
    file.save([kept()])
    assert [path.name for path in file.path.parent.iterdir()] == ["tokens.json"]


def test_a_token_is_in_no_representation() -> None:
    assert "t0k3n" not in repr(kept())
