"""Files read back: frames, sound, bytes; and what happens when they cannot be written."""

from __future__ import annotations

from pathlib import Path

import av
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


def test_aac_comes_back_as_long_as_it_was_and_the_same_each_time(tmp_path: Path) -> None:
    sound = tones(2.0)
    for name in ("first.m4a", "second.m4a"):
        write_sound(tmp_path / name, AudioFormat.AAC, sound)
    raw = (tmp_path / "first.m4a").read_bytes()
    assert raw == (tmp_path / "second.m4a").read_bytes()
    assert b"ftypM4A" in raw[:32]
    with av.open(str(tmp_path / "first.m4a")) as file:
        found = np.concatenate([frame.to_ndarray() for frame in file.decode(audio=0)], axis=1)
    assert found.shape[1] == pytest.approx(len(sound), abs=1_024)
    for side, hertz in enumerate((440, 660)):
        spectrum = np.abs(np.fft.rfft(found[side]))
        assert np.argmax(spectrum) * SAMPLE_RATE / found.shape[1] == pytest.approx(hertz, abs=1)


def test_without_an_encoder_aac_is_refused_with_what_to_take_instead(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(av, "codecs_available", {"mp3"})
    with pytest.raises(EncodingError, match=r"no encoder for AAC here; take one of mp3, wav, flac"):
        require_encoder(AudioFormat.AAC)
    require_encoder(AudioFormat.MP3)


@pytest.mark.parametrize("format", AudioFormat)
def test_a_disk_that_is_full_is_an_error(format: AudioFormat, tmp_path: Path) -> None:
    (tmp_path / "full").symlink_to("/dev/full")
    with pytest.raises(OSError, match=r"could not be written whole|No space"):
        write_sound(tmp_path / "full", format, tones(20.0))
