"""Files read back: frames, sound, bytes; and what happens when they cannot be written."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile

from harmonie_daemon.compose.encoding import frames_in_file, write_sound
from harmonie_daemon.compose.formats import require_encoder
from harmonie_daemon.compose.soundfont.tone import SAMPLE_RATE, Sound
from harmonie_daemon.domain.composition import AudioFormat
from harmonie_daemon.domain.errors import EncodingError

OWN = [format for format in AudioFormat if format is not AudioFormat.AAC]
LOSSLESS = (AudioFormat.WAV, AudioFormat.FLAC)


def tones(seconds: float) -> Sound:
    time = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    sides = [0.5 * np.sin(2 * np.pi * hertz * time) for hertz in (440, 660)]
    return np.stack(sides, axis=1).astype(np.float32)


@pytest.mark.parametrize("format", OWN)
def test_a_file_has_every_frame_and_sounds_the_same(format: AudioFormat, tmp_path: Path) -> None:
    sound, path = tones(2.0371), tmp_path / "sound"
    told: list[float] = []
    write_sound(path, format, sound, told.append)
    found, rate = soundfile.read(path, dtype="float32")
    assert len(found) == frames_in_file(len(sound), format)
    assert len(found) / rate == pytest.approx(2.0371, abs=1 / rate)
    assert told == sorted(told)
    assert told[-1] == 1.0
    for side, hertz in enumerate((440, 660)):
        spectrum = np.abs(np.fft.rfft(found[:, side]))
        assert np.argmax(spectrum) * rate / len(found) == pytest.approx(hertz, abs=1)
    if format in LOSSLESS:
        assert np.abs(found - sound).max() <= 1 / 32_767


@pytest.mark.parametrize("format", [AudioFormat.WAV, AudioFormat.FLAC, AudioFormat.MP3])
def test_the_same_sound_gives_the_same_bytes(format: AudioFormat, tmp_path: Path) -> None:
    for name in ("first", "second"):
        write_sound(tmp_path / name, format, tones(1.0))
    assert (tmp_path / "first").read_bytes() == (tmp_path / "second").read_bytes()


def test_a_long_piece_as_vorbis_does_not_end_the_interpreter(tmp_path: Path) -> None:
    sound = np.zeros((64 * SAMPLE_RATE, 2), np.float32)
    write_sound(tmp_path / "long.ogg", AudioFormat.OGG, sound)
    assert soundfile.info(tmp_path / "long.ogg").frames == len(sound)


@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="there is no FFmpeg here")
def test_aac_is_written_by_ffmpeg(tmp_path: Path) -> None:
    write_sound(tmp_path / "sound.m4a", AudioFormat.AAC, tones(1.0))
    assert b"ftypM4A" in (tmp_path / "sound.m4a").read_bytes()[:32]


def test_without_ffmpeg_aac_is_refused_with_what_to_take_instead(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(EncodingError, match=r"FFmpeg.* mp3, wav, flac"):
        require_encoder(AudioFormat.AAC)
    require_encoder(AudioFormat.MP3)


def test_an_ffmpeg_that_fails_is_an_error_not_half_a_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    broken = tmp_path / "ffmpeg"
    broken.write_text("#!/bin/sh\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    with pytest.raises(OSError, match="could not be written whole"):
        write_sound(tmp_path / "sound.m4a", AudioFormat.AAC, tones(30.0))


@pytest.mark.parametrize("format", OWN)
def test_a_disk_that_is_full_is_an_error(format: AudioFormat, tmp_path: Path) -> None:
    (tmp_path / "full").symlink_to("/dev/full")
    with pytest.raises(OSError, match=r"could not be written whole|No space"):
        write_sound(tmp_path / "full", format, tones(20.0))
