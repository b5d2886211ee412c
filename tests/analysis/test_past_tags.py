"""FFmpeg never sees the ID3 tags in front of a file."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from harmonie_daemon.analysis.decoding import decode
from harmonie_daemon.analysis.past_tags import ffmpeg_address
from tests.analysis.broken import whole
from tests.library.hostile import HOSTILE, id3, text_frame, without_id3


@pytest.mark.parametrize("suffix", ["mp3", "aac", "flac", "tta"])
@pytest.mark.parametrize("tags", [1, 3])
def test_a_file_sounds_the_same_behind_any_number_of_tags(
    tmp_path: Path, suffix: str, tags: int
) -> None:
    sound = without_id3(whole(suffix))
    bare, tagged = tmp_path / f"a.{suffix}", tmp_path / f"b, c:d.{suffix}"
    bare.write_bytes(sound)
    tagged.write_bytes(id3(text_frame(b"TIT2", b"Title") + bytes(5000)) * tags + sound)
    one, other = decode(str(bare)), decode(str(tagged))
    np.testing.assert_array_equal(one.samples, other.samples)
    assert one.duration_s == other.duration_s


def test_a_name_that_is_not_utf8_is_opened_behind_its_tags(tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode(b"\xff.mp3")
    path.write_bytes(id3(text_frame(b"TIT2", b"Title")) + without_id3(whole("mp3")))
    assert len(decode(str(path)).samples)


@pytest.mark.parametrize("name", [name for name, file in HOSTILE.items() if file.suffix == "mp3"])
def test_hostile_tags_keep_nobody_from_hearing(tmp_path: Path, name: str) -> None:
    path = tmp_path / "x.mp3"
    path.write_bytes(HOSTILE[name].make(1 / 8))
    assert len(decode(str(path)).samples)


@pytest.mark.parametrize("content", [b"", b"ID3", b"ID3\4\0\0\xff\0\0\0" + bytes(20), b"RIFF" * 9])
def test_what_has_no_tag_in_front_is_opened_as_it_is(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.mp3"
    path.write_bytes(content)
    assert ffmpeg_address(str(path)) == str(path)


def test_ffmpeg_is_shown_nothing_of_a_tag(tmp_path: Path) -> None:
    path = tmp_path / "x.mp3"
    tag = id3(text_frame(b"TIT2", b"Title"))
    path.write_bytes(tag + without_id3(whole("mp3")))
    assert ffmpeg_address(str(path)) == f"subfile,,start,{len(tag)},end,0,,:{path}"
