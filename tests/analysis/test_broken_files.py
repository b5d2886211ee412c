"""Whatever lies among the music ends as one failure with a reason, or is heard sensibly."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import av
import numpy as np
import pytest

from harmonie_daemon.analysis.embeddings import BUILTIN_MODEL
from harmonie_daemon.analysis.formats import CODECS, CONTAINERS
from harmonie_daemon.analysis.job import JobFailure
from harmonie_daemon.domain.track import Analysis
from harmonie_daemon.library.scanner import AUDIO_EXTENSIONS
from tests.analysis.broken import (
    FAILING,
    HEARD,
    SECONDS,
    SUFFIXES,
    lay_out,
    noise,
    whole,
)
from tests.analysis.hearing import heard, outcome, reason
from tests.analysis.sounds import sine, write


def test_the_kinds_are_many() -> None:
    assert len(FAILING) >= 20
    assert len(HEARD) >= 20


@pytest.mark.parametrize("name", FAILING)
def test_what_cannot_be_heard_says_why(tmp_path: Path, name: str) -> None:
    (path,) = lay_out(tmp_path, [name])
    text = reason(path)
    assert text.startswith(FAILING[name][1])
    assert str(path) not in text, "the path is recorded beside the reason"
    assert "Invalid data" not in text, "the words of a library"


@pytest.mark.parametrize("name", HEARD)
def test_what_is_only_odd_is_heard(tmp_path: Path, name: str) -> None:
    (path,) = lay_out(tmp_path, [name])
    analysis = heard(path, BUILTIN_MODEL)
    assert analysis.duration_s == pytest.approx(HEARD[name][1], rel=0.1, abs=0.05)
    vector = analysis.embeddings[BUILTIN_MODEL]
    assert vector is None or np.isfinite(vector).all()
    level = analysis.descriptors.loudness_db
    assert level is None or np.isfinite(level)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_file_may_end_anywhere(tmp_path: Path, suffix: str) -> None:
    data = whole(suffix)
    path = tmp_path / f"cut.{suffix}"
    points = {*range(1, 64, 7), *np.geomspace(64, len(data) - 1, 16).astype(int).tolist()}
    for point in sorted(points):
        path.write_bytes(data[:point])
        match outcome(path):
            case Analysis(duration_s=duration_s):
                assert duration_s <= SECONDS + 0.2, point
            case JobFailure(reason=text):
                assert text, point


@pytest.mark.sampled(4)
@pytest.mark.parametrize("suffix", SUFFIXES)
def test_damage_anywhere_is_survived(tmp_path: Path, suffix: str) -> None:
    rng = np.random.default_rng(7)
    path = tmp_path / f"damaged.{suffix}"
    for _ in range(10):
        data = bytearray(whole(suffix))
        for position in rng.integers(0, len(data), 50):
            data[position] ^= 1 << int(rng.integers(8))
        path.write_bytes(data)
        result = outcome(path)
        assert isinstance(result, JobFailure) or 0 < result.duration_s < 10 * SECONDS


@pytest.mark.parametrize("extension", sorted(AUDIO_EXTENSIONS))
def test_random_bytes_are_no_music_under_any_extension(tmp_path: Path, extension: str) -> None:
    path = tmp_path / f"random.{extension}"
    path.write_bytes(noise(30_000))
    assert reason(path).startswith("not audio: ")


def test_there_is_a_demuxer_and_a_decoder_for_every_name_on_the_lists() -> None:
    for name in CONTAINERS:
        av.format.ContainerFormat(name, "r")
    for name in CODECS:
        assert av.codec.Codec(name, "r").type == "audio"


def test_pipes_devices_and_folders_are_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.mp3")
    (tmp_path / "folder.mp3").mkdir()
    (tmp_path / "link_to_pipe.mp3").symlink_to(tmp_path / "pipe.mp3")
    (tmp_path / "zero.mp3").symlink_to("/dev/zero")
    (tmp_path / "null.mp3").symlink_to("/dev/null")
    for path in tmp_path.iterdir():
        assert reason(path) == "unreadable: not a regular file"


def test_links_to_nowhere_and_in_circles_are_unreadable(tmp_path: Path) -> None:
    (tmp_path / "nowhere.mp3").symlink_to(tmp_path / "gone.mp3")
    (tmp_path / "circle.mp3").symlink_to(tmp_path / "circle.mp3")
    assert reason(tmp_path / "nowhere.mp3") == "unreadable: no such file or directory"
    assert reason(tmp_path / "circle.mp3").startswith("unreadable: too many levels")
    assert reason(tmp_path / ("x" * 300)) == "unreadable: file name too long"


@contextmanager
def as_nobody() -> Iterator[None]:
    """Without the rights of root, if we have them."""
    user = os.geteuid()
    if user == 0:
        os.seteuid(65_534)
    try:
        yield
    finally:
        os.seteuid(user)


def test_a_file_that_may_not_be_read_says_so(tmp_path: Path) -> None:
    path = write(tmp_path / "secret.flac", sine(440, 1.0))
    path.chmod(0)
    with as_nobody():
        text = reason(path)
    assert text == "unreadable: permission denied"


def test_a_file_that_grows_is_heard_as_far_as_it_goes(tmp_path: Path) -> None:
    data = whole("wav")
    path = tmp_path / "growing.wav"
    path.write_bytes(data[: len(data) // 2])
    ended = threading.Event()

    def grow() -> None:
        with path.open("ab") as file:
            for start in range(len(data) // 2, len(data), 1_000):
                file.write(data[start : start + 1_000])
                file.flush()
        ended.set()

    writer = threading.Thread(target=grow)
    writer.start()
    during = heard(path)
    writer.join(timeout=30)
    assert ended.is_set()
    assert SECONDS / 2 - 0.1 <= during.duration_s <= SECONDS + 0.1
    assert heard(path).duration_s == pytest.approx(SECONDS)
