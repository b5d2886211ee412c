from __future__ import annotations

import os
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile

from harmonie_daemon.analysis.decoding import decode
from harmonie_daemon.analysis.samples import SAMPLE_RATE
from harmonie_daemon.domain.errors import DecodeError
from tests.analysis.sounds import RATE, Sound, encode, music, sine, write


def rms(samples: Sound) -> float:
    return float(np.sqrt(np.mean(np.square(samples, dtype=np.float64))))


def loudest_hz(samples: Sound) -> float:
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    return float(spectrum.argmax() * SAMPLE_RATE / len(samples))


@pytest.mark.parametrize(
    ("suffix", "codec", "rate"),
    [
        ("mp3", "libmp3lame", 44_100),
        ("mp3", "libmp3lame", 22_050),
        ("flac", "flac", 96_000),
        ("opus", "libopus", 48_000),
        ("m4a", "aac", 44_100),
        ("aac", "aac", 44_100),
        ("m4a", "alac", 44_100),
        ("wma", "wmav2", 44_100),
        ("wav", "pcm_s16le", 8_000),
        ("wav", "pcm_u8", 11_025),
        ("wav", "pcm_f64le", 44_100),
        ("aiff", "pcm_s24be", 48_000),
        ("mka", "ac3", 48_000),
        ("wv", "wavpack", 44_100),
    ],
)
def test_every_format_comes_out_alike(tmp_path: Path, suffix: str, codec: str, rate: int) -> None:
    tone = sine(1_000, 4.0)
    audio = decode(str(encode(tmp_path / f"tone.{suffix}", codec, tone, rate=rate)))
    assert audio.samples.dtype == np.float32
    assert audio.duration_s == pytest.approx(4.0, abs=0.12)
    assert audio.decoded_fraction > 0.97
    assert audio.native_rate == rate
    middle = audio.samples[RATE : 3 * RATE]
    assert loudest_hz(middle) == pytest.approx(1_000, abs=2)
    assert rms(middle) == pytest.approx(rms(tone), rel=0.06)  # LAME scales by .95


def test_vorbis_comes_out_like_the_rest(tmp_path: Path) -> None:
    audio = decode(str(write(tmp_path / "tone.ogg", sine(1_000, 4.0, rate=48_000), rate=48_000)))
    assert audio.duration_s == pytest.approx(4.0, abs=0.01)
    assert audio.native_rate == 48_000
    assert rms(audio.samples) == pytest.approx(rms(sine(1_000, 4.0)), rel=0.02)


@pytest.mark.parametrize("subtype", ["PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE"])
def test_full_scale_is_one_at_every_depth(tmp_path: Path, subtype: str) -> None:
    path = write(tmp_path / "tone.wav", sine(500, 1.0, level=0.9), subtype=subtype)
    assert np.abs(decode(str(path)).samples).max() == pytest.approx(0.9, abs=0.001)


@pytest.mark.parametrize("channels", [1, 2, 6, 8])
@pytest.mark.parametrize("suffix", ["wav", "flac"])
def test_channels_are_averaged_so_their_number_leaves_the_level(
    tmp_path: Path, channels: int, suffix: str
) -> None:
    tone = sine(440, 1.0)
    sound = np.repeat(tone[:, None], channels, axis=1)
    samples = decode(str(write(tmp_path / f"tone.{suffix}", sound))).samples
    assert rms(samples) == pytest.approx(rms(tone), rel=1e-3)


def test_one_channel_of_two_counts_half(tmp_path: Path) -> None:
    tone = sine(440, 1.0)
    path = write(tmp_path / "left.wav", np.stack([tone, np.zeros_like(tone)], axis=1))
    assert rms(decode(str(path)).samples) == pytest.approx(rms(tone) / 2, rel=1e-3)


@pytest.mark.parametrize(("suffix", "codec"), [("flac", "flac"), ("mp3", "libmp3lame")])
def test_of_a_long_file_the_middle_is_heard_and_the_whole_counted(
    tmp_path: Path, suffix: str, codec: str
) -> None:
    sound = np.concatenate([sine(300, 20.0), sine(900, 20.0), sine(300, 20.0)])
    path = encode(tmp_path / f"long.{suffix}", codec, sound)
    audio = decode(str(path), longest_s=10.0)
    assert len(audio.samples) == 10 * SAMPLE_RATE
    assert audio.duration_s == pytest.approx(60.0, abs=0.2)
    assert audio.decoded_fraction == 1.0
    assert loudest_hz(audio.samples[SAMPLE_RATE:-SAMPLE_RATE]) == pytest.approx(900, abs=2)


def test_a_name_that_is_not_utf8_can_be_opened_by_both_decoders(tmp_path: Path) -> None:
    for suffix in (b".wav", b".ogg"):
        source = write(tmp_path / f"tone{suffix.decode()}", sine(440, 1.0))
        odd = os.fsencode(tmp_path) + b"/\xff\xfe" + suffix
        source.rename(os.fsdecode(odd))
        assert decode(os.fsdecode(odd)).duration_s == pytest.approx(1.0, abs=0.01)


def test_what_pyav_refuses_soundfile_may_read(tmp_path: Path) -> None:
    path = tmp_path / "tone.wav"
    soundfile.write(path, sine(440, 20.0), RATE, format="MAT5")
    with pytest.raises(av.error.InvalidDataError):
        av.open(str(path))
    assert decode(str(path)).duration_s == pytest.approx(20.0)
    excerpt = decode(str(path), longest_s=5.0)
    assert len(excerpt.samples) == 5 * RATE
    assert excerpt.duration_s == pytest.approx(20.0)


def test_a_picture_in_the_file_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "cover.mkv"
    with av.open(str(path), "w") as container:
        video = container.add_stream("mjpeg", rate=1, width=16, height=16, pix_fmt="yuvj420p")
        audio = container.add_stream("flac", rate=RATE, layout="mono")
        container.mux(video.encode(av.VideoFrame(16, 16, "yuvj420p")))
        container.mux(video.encode(None))
        tone = (sine(440, 2.0) * 32_767).astype(np.int16)[None]
        for start in range(0, tone.shape[1], 4_096):
            part = np.ascontiguousarray(tone[:, start : start + 4_096])
            frame = av.AudioFrame.from_ndarray(part, format="s16", layout="mono")
            frame.sample_rate = RATE
            frame.pts = start
            container.mux(audio.encode(frame))
        container.mux(audio.encode(None))
    assert decode(str(path)).duration_s == pytest.approx(2.0, abs=0.05)


def test_nan_and_infinity_become_silence(tmp_path: Path) -> None:
    sound = sine(440, 1.0)
    sound[100:200] = np.nan
    sound[300:400] = np.inf
    sound[500] = 1e30
    samples = decode(str(write(tmp_path / "bad.wav", sound, subtype="FLOAT"))).samples
    assert np.isfinite(samples).all()
    assert np.abs(samples).max() <= 32.0
    assert not samples[100:200].any()


def test_a_missing_file_and_a_folder_are_unreadable(tmp_path: Path) -> None:
    for path in (tmp_path / "gone.mp3", tmp_path):
        with pytest.raises(DecodeError, match=r"^unreadable: "):
            decode(str(path))


@pytest.mark.parametrize("suffix", ["flac", "mp3"])
def test_a_truncated_file_is_heard_as_far_as_it_goes(tmp_path: Path, suffix: str) -> None:
    codec = {"flac": "flac", "mp3": "libmp3lame"}[suffix]
    path = encode(tmp_path / f"cut.{suffix}", codec, music(12.0))
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    audio = decode(str(path))
    assert 4 < audio.duration_s < 8
    assert audio.decoded_fraction < 0.9


@pytest.mark.parametrize("suffix", ["flac", "mp3", "ogg"])
def test_damage_in_the_middle_costs_only_what_it_touches(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"damaged.{suffix}"
    write(path, music(12.0))
    data = bytearray(path.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 3_000] = np.random.default_rng(2).bytes(3_000)
    path.write_bytes(data)
    assert decode(str(path)).duration_s > 8
