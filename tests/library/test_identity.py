"""A moved file is recognised by its content alone."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harmonie_daemon.domain.track import AudioFile, TrackId
from harmonie_daemon.library.identity import SAMPLE_BYTES, fingerprint, match_moves
from harmonie_daemon.library.scanner import KnownFile

BIG = 10 * SAMPLE_BYTES


def make_file(path: Path, content: bytes) -> str:
    path.write_bytes(content)
    return str(path)


def make_known(number: int, content: bytes | None, size: int = 10) -> KnownFile:
    return KnownFile(TrackId(number), AudioFile("/m", f"{number}.mp3", size, 1), content)


def make_new(name: str, size: int = 10) -> AudioFile:
    return AudioFile("/m", name, size, 2)


def test_the_fingerprint_is_of_the_content_not_of_the_name(tmp_path: Path) -> None:
    content = os.urandom(BIG)
    first = fingerprint(make_file(tmp_path / "a", content), BIG)
    assert first is not None
    assert len(first) == 16
    assert fingerprint(make_file(tmp_path / os.fsdecode(b"\xff"), content), BIG) == first


def test_a_change_at_either_end_or_in_the_middle_shows(tmp_path: Path) -> None:
    content = bytes(BIG)
    path = tmp_path / "a"
    prints = {fingerprint(make_file(path, content), BIG)}
    for place in (0, BIG // 2, BIG - 1):
        changed = bytearray(content)
        changed[place] = 1
        prints.add(fingerprint(make_file(path, bytes(changed)), BIG))
    assert len(prints) == 4


def test_small_files_are_read_whole(tmp_path: Path) -> None:
    size = 3 * SAMPLE_BYTES
    prints = {fingerprint(make_file(tmp_path / "a", bytes(size)), size)}
    for place in range(0, size, size // 10):
        content = bytearray(size)
        content[place] = 1
        prints.add(fingerprint(make_file(tmp_path / "a", bytes(content)), size))
    assert len(prints) == 12


def test_what_cannot_be_read_or_has_changed_has_no_fingerprint(tmp_path: Path) -> None:
    assert fingerprint(str(tmp_path / "gone"), 1) is None
    assert fingerprint(str(tmp_path), 1) is None
    assert fingerprint(make_file(tmp_path / "a", b"grown"), 3) is None
    assert fingerprint(make_file(tmp_path / "empty", b""), 0) is not None


def test_a_move_is_recognised_and_only_files_of_that_size_are_read() -> None:
    row = make_known(1, b"x")
    files = [make_new("moved.mp3"), make_new("other.mp3", size=11)]
    read: list[str] = []

    def fingerprint_of(file: AudioFile) -> bytes:
        read.append(file.relative_path)
        return b"x"

    assert match_moves(files, [row], fingerprint_of) == [(row, files[0])]
    assert read == ["moved.mp3"]


def test_files_that_change_places_are_recognised() -> None:
    rows = [make_known(1, b"x"), make_known(2, b"y")]
    files = [make_new("1.mp3"), make_new("2.mp3")]
    contents = dict(zip(files, (b"y", b"x"), strict=True))
    assert match_moves(files, rows, contents.__getitem__) == [
        (rows[0], files[1]),
        (rows[1], files[0]),
    ]


def test_a_file_that_was_only_touched_has_not_moved_and_is_not_read_for_it() -> None:
    rows = [make_known(1, b"x"), make_known(2, b"y", size=11)]
    assert match_moves([make_new("1.mp3")], rows, lambda _: pytest.fail("read")) == []
    assert match_moves([make_new("1.mp3"), make_new("copy.mp3")], rows, lambda _: b"x") == []


def test_a_shared_fingerprint_identifies_nothing_even_under_the_same_name() -> None:
    two = [make_known(1, b"x"), make_known(2, b"x")]
    assert match_moves([make_new("a/1.mp3")], two, lambda _: b"x") == []
    assert match_moves([make_new("1.mp3"), make_new("2.mp3")], two[:1], lambda _: b"x") == []


def test_empty_and_unreadable_files_identify_nothing() -> None:
    assert match_moves([make_new("a", 0)], [make_known(1, b"x", 0)], lambda _: b"x") == []
    assert match_moves([make_new("a")], [make_known(1, None)], lambda _: None) == []
    assert match_moves([make_new("a")], [make_known(1, b"x")], lambda _: None) == []


contents = st.sampled_from([b"a", b"b", b"c", b"d", None])


@given(st.lists(contents), st.lists(contents))
def test_matches_pair_unshared_content_one_to_one(
    lost: list[bytes | None], found: list[bytes | None]
) -> None:
    rows = [make_known(number, content) for number, content in enumerate(lost)]
    files = {make_new(f"new{number}"): content for number, content in enumerate(found)}
    moves = match_moves(list(files), rows, files.__getitem__)
    expected = {x for x in lost if x and lost.count(x) == 1 == found.count(x)}
    assert {row.fingerprint for row, _ in moves} == expected
    assert all(row.fingerprint == files[file] for row, file in moves)
    assert len(moves) == len(expected)
