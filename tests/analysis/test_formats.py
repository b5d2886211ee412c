"""A beat and a chord in everything a home library holds, heard through the worker's own entry."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import mutagen.flac
import mutagen.id3
import mutagen.mp4
import numpy as np
import pytest

from harmonie_daemon.analysis.decoding import LONGEST_S, decode
from harmonie_daemon.analysis.embeddings import BUILTIN_MODEL
from harmonie_daemon.analysis.job import AnalysisJob, timeout_s
from harmonie_daemon.analysis.samples import SAMPLE_RATE
from harmonie_daemon.domain.track import Analysis
from tests.analysis.hearing import MEASURED_TARGET, MIB, heard, working
from tests.analysis.sounds import RATE, Sound, clicks, encode, music, repeated, sine, write

SECONDS = 8.0
BPM = 120.0
MOST_MEMORY = 400 * MIB
"""What a worker may ever hold."""


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Analysis:
    """What is heard in the sound itself, kept without loss."""
    path = tmp_path_factory.mktemp("original") / "music.wav"
    return heard(write(path, quiet_music(), subtype="FLOAT"), BUILTIN_MODEL)


def quiet_music() -> Sound:
    """Far enough from full scale for every codec."""
    return music(SECONDS) * np.float32(0.5)


def assert_alike(ours: Analysis, original: Analysis, *, level_db: float = 0.3) -> None:
    """The same length, level, tempo and key."""
    assert ours.duration_s == pytest.approx(SECONDS, abs=0.12)
    assert ours.decoded_fraction > 0.98
    assert ours.descriptors.loudness_db == pytest.approx(
        original.descriptors.loudness_db, abs=level_db
    )
    assert ours.descriptors.bpm == pytest.approx(BPM, rel=0.02)
    assert ours.descriptors.key == original.descriptors.key == "C"


def by_soundfile(subtype: str | None = None, **options: str | float) -> Callable[[Path], Path]:
    return lambda path: write(path, quiet_music(), subtype=subtype, **options)


def by_ffmpeg(codec: str, rate: int = RATE, **options: str) -> Callable[[Path], Path]:
    return lambda path: encode(path, codec, quiet_music(), rate=rate, options=options)


FORMATS: dict[str, Callable[[Path], Path]] = {
    "constant.mp3": by_soundfile(bitrate_mode="CONSTANT", compression_level=0.5),
    "average.mp3": by_soundfile(bitrate_mode="AVERAGE", compression_level=0.5),
    "variable.mp3": by_soundfile(bitrate_mode="VARIABLE", compression_level=0.5),
    "without_index.mp3": by_ffmpeg("libmp3lame", write_xing="0"),
    "layer_two.mp2": by_ffmpeg("mp2"),
    "sixteen_bit.flac": by_soundfile("PCM_16"),
    "twenty_four_bit.flac": by_soundfile("PCM_24"),
    "in_ogg.oga": by_ffmpeg("flac"),
    "vorbis.ogg": by_soundfile("VORBIS"),
    "opus.opus": by_ffmpeg("libopus", 48_000),
    "opus_in_matroska.mka": by_ffmpeg("libopus", 48_000),
    "opus_of_a_download.webm": by_ffmpeg("libopus", 48_000),
    "aac.m4a": by_ffmpeg("aac"),
    "aac_index_first.m4a": by_ffmpeg("aac", movflags="faststart"),
    "aac_in_fragments.m4a": by_ffmpeg("aac", movflags="frag_keyframe+empty_moov"),
    "bare_aac.aac": by_ffmpeg("aac"),
    "alac.m4a": by_ffmpeg("alac"),
    "alac.caf": by_ffmpeg("alac"),
    "windows_media_one.wma": by_ffmpeg("wmav1"),
    "windows_media_two.wma": by_ffmpeg("wmav2"),
    "whole_numbers.aiff": by_soundfile("PCM_16"),
    "compressed.aifc": by_ffmpeg("pcm_f32be"),
    "eight_bit.wav": by_soundfile("PCM_U8"),
    "sixteen_bit.wav": by_soundfile("PCM_16"),
    "twenty_four_bit.wav": by_soundfile("PCM_24"),
    "thirty_two_bit.wav": by_soundfile("PCM_32"),
    "float.wav": by_soundfile("FLOAT"),
    "double.wav": by_soundfile("DOUBLE"),
    "adpcm.wav": by_ffmpeg("adpcm_ms"),
    "extensible.wav": by_soundfile("PCM_24", format="WAVEX"),
    "big.rf64": by_soundfile("PCM_16", format="RF64"),
    "big.w64": by_soundfile("PCM_16"),
    "next.au": by_soundfile("PCM_16"),
    "wavpack.wv": by_ffmpeg("wavpack"),
    "true_audio.tta": by_ffmpeg("tta"),
    "dolby.ac3": by_ffmpeg("ac3"),
    "dolby_plus.eac3": by_ffmpeg("eac3"),
}


@pytest.mark.sampled(3)
@pytest.mark.parametrize("name", FORMATS)
def test_a_beat_is_heard_alike_in_every_format(
    tmp_path: Path, original: Analysis, name: str
) -> None:
    loss_db = 0.6 if name.endswith((".mp3", ".wma")) else 0.3
    assert_alike(heard(FORMATS[name](tmp_path / name)), original, level_db=loss_db)


@pytest.mark.parametrize("name", ["variable.mp3", "vorbis.ogg", "opus.opus", "aac.m4a"])
def test_coding_with_loss_leaves_the_embedding_where_it_was(
    tmp_path: Path, original: Analysis, name: str
) -> None:
    ours = heard(FORMATS[name](tmp_path / name), BUILTIN_MODEL).embeddings[BUILTIN_MODEL]
    theirs = original.embeddings[BUILTIN_MODEL]
    assert ours is not None
    assert theirs is not None
    assert float(ours @ theirs) > 0.8


@pytest.mark.parametrize("rate", [8_000, 16_000, 22_050, 32_000, 48_000, 88_200, 96_000, 192_000])
def test_a_beat_is_heard_alike_at_every_sample_rate(
    tmp_path: Path, original: Analysis, rate: int
) -> None:
    path = encode(tmp_path / "music.flac", "flac", quiet_music(), rate=rate)
    # what a low rate cannot carry of the clicks is missing from the level too
    level_db = 0.3 if rate >= 32_000 else 4.0
    assert_alike(heard(path), original, level_db=level_db)


LAYOUTS = {
    "wav": ("pcm_s16le", ["mono", "2.1", "quad", "6.1", "7.1", "hexadecagonal"]),
    "flac": ("flac", ["mono", "3.0", "7.1"]),
    "opus": ("libopus", ["mono", "5.1", "7.1"]),
    "m4a": ("aac", ["mono", "5.1", "7.1"]),
    "ac3": ("ac3", ["5.1"]),
    "wv": ("wavpack", ["7.1", "hexadecagonal"]),
}


@pytest.mark.sampled(3)
@pytest.mark.parametrize(
    ("suffix", "codec", "layout"),
    [(suffix, codec, layout) for suffix, (codec, layouts) in LAYOUTS.items() for layout in layouts],
)
def test_a_beat_is_heard_alike_in_any_number_of_channels(
    tmp_path: Path, original: Analysis, suffix: str, codec: str, layout: str
) -> None:
    path = tmp_path / f"music.{suffix}"
    rate = 48_000 if suffix == "opus" else RATE
    encode(path, codec, quiet_music(), rate=rate, layout=layout)
    # one of six or more channels carries only the bass, which lossy codecs take literally
    level_db = 2.5 if suffix in ("opus", "m4a", "ac3") else 0.3
    assert_alike(heard(path), original, level_db=level_db)


def picture(size: int) -> bytes:
    """No picture at all, but as large as one."""
    return b"\xff\xd8\xff\xe0" + np.random.default_rng(4).bytes(size)


def tag_mp3(path: Path) -> None:
    tags = mutagen.id3.ID3()
    tags.add(mutagen.id3.APIC(mime="image/jpeg", type=3, data=picture(3 * MIB)))
    tags.add(mutagen.id3.TIT2(text="Song"))
    tags.save(path, padding=lambda _: MIB)


def tag_flac(path: Path) -> None:
    cover = mutagen.flac.Picture()
    cover.type, cover.mime, cover.data = 3, "image/jpeg", picture(3 * MIB)
    tags = mutagen.flac.FLAC(path)
    tags.add_picture(cover)
    tags.save()


def tag_mp4(path: Path) -> None:
    tags = mutagen.mp4.MP4(path)
    tags["covr"] = [mutagen.mp4.MP4Cover(picture(3 * MIB))]
    tags.save()


@pytest.mark.parametrize(
    ("name", "tag"),
    [("constant.mp3", tag_mp3), ("sixteen_bit.flac", tag_flac), ("aac.m4a", tag_mp4)],
)
def test_a_large_cover_changes_nothing(
    tmp_path: Path, original: Analysis, name: str, tag: Callable[[Path], None]
) -> None:
    path = FORMATS[name](tmp_path / name)
    tag(path)
    assert path.stat().st_size > 3 * MIB
    assert_alike(heard(path), original, level_db=0.6)


@pytest.mark.parametrize(
    ("suffix", "codec"),
    [
        ("mp3", "libmp3lame"),
        ("flac", "flac"),
        ("opus", "libopus"),
        ("m4a", "aac"),
        ("m4a", "alac"),
        ("wma", "wmav2"),
        ("aiff", "pcm_s16be"),
        ("wv", "wavpack"),
    ],
)
def test_a_second_has_a_length_and_a_level_but_no_tempo(
    tmp_path: Path, suffix: str, codec: str
) -> None:
    rate = 48_000 if suffix == "opus" else RATE
    path = encode(tmp_path / f"blip.{suffix}", codec, sine(440, 1.0), rate=rate)
    analysis = heard(path, BUILTIN_MODEL)
    assert analysis.duration_s == pytest.approx(1.0, abs=0.12)
    assert analysis.descriptors.loudness_db is not None
    assert analysis.descriptors.bpm is None
    assert analysis.embeddings == {BUILTIN_MODEL: None}


@pytest.mark.parametrize("samples", [1, 100, 2_205])
def test_hardly_any_sound_is_still_a_track(tmp_path: Path, samples: int) -> None:
    sound = sine(440, 1.0)[200 : 200 + samples]
    analysis = heard(write(tmp_path / "click.wav", sound), BUILTIN_MODEL)
    assert analysis.duration_s == pytest.approx(samples / RATE, abs=1e-4)
    assert analysis.descriptors.bpm is None


@pytest.mark.parametrize("suffix", ["mp3", "flac", "ogg"])
def test_silence_has_a_length_and_nothing_else(tmp_path: Path, suffix: str) -> None:
    path = write(tmp_path / f"silence.{suffix}", sine(440, 5.0, level=0.0))
    analysis = heard(path, BUILTIN_MODEL)
    assert analysis.duration_s == pytest.approx(5.0, abs=0.1)
    assert analysis.descriptors.bpm is analysis.descriptors.key is None
    assert analysis.descriptors.loudness_db is None
    assert analysis.embeddings == {BUILTIN_MODEL: None}


def test_a_beat_is_heard_through_clipping(tmp_path: Path) -> None:
    path = write(tmp_path / "loud.flac", np.clip(music(SECONDS) * 20, -1, 1))
    descriptors = heard(path).descriptors
    assert descriptors.bpm == pytest.approx(BPM, rel=0.02)
    assert descriptors.loudness_db is not None
    assert descriptors.loudness_db < -10


def test_a_beat_is_heard_on_top_of_a_constant(tmp_path: Path, original: Analysis) -> None:
    path = write(tmp_path / "offset.wav", quiet_music() + np.float32(0.3), subtype="FLOAT")
    assert_alike(heard(path), original, level_db=0.5)


def test_a_constant_alone_has_no_tempo(tmp_path: Path) -> None:
    sound = np.full(10 * RATE, 0.5, np.float32)
    analysis = heard(write(tmp_path / "constant.wav", sound), BUILTIN_MODEL)
    assert analysis.duration_s == pytest.approx(10.0)
    assert analysis.descriptors.bpm is None


HOURS = {"mp3": "libmp3lame", "flac": "flac", "opus": "libopus", "m4a": "aac", "aac": "aac"}


@contextmanager
def long_file(folder: Path, suffix: str, minutes: int) -> Iterator[Path]:
    """Clicks, a minute of them coded once and repeated; not left behind for pytest to keep."""
    rate = 48_000 if suffix == "opus" else 22_050
    sound = clicks(BPM, 60.0)
    minute = encode(folder / f"minute.{suffix}", HOURS[suffix], sound, rate=rate, layout="mono")
    path = repeated(minute, folder / f"hours.{suffix}", minutes)
    try:
        yield path
    finally:
        path.unlink()


@pytest.mark.thorough
@pytest.mark.parametrize("suffix", ["flac", "opus", "m4a", "aac"])
def test_three_hours_are_counted_though_ten_minutes_are_heard(tmp_path: Path, suffix: str) -> None:
    with long_file(tmp_path, suffix, minutes=180) as path:
        audio = decode(str(path))
    assert audio.duration_s == pytest.approx(10_800, rel=1e-3)
    assert len(audio.samples) == LONGEST_S * SAMPLE_RATE
    assert audio.decoded_fraction == 1


@pytest.mark.thorough
@pytest.mark.parametrize("minutes", [10, 180])
async def test_a_worker_stays_small_however_long_the_file_is(tmp_path: Path, minutes: int) -> None:
    job = AnalysisJob(str(tmp_path / "hours.mp3"), (BUILTIN_MODEL,))
    with long_file(tmp_path, "mp3", minutes) as path:
        async with working(MEASURED_TARGET) as workers:
            result = await workers.run(job, timeout_s=timeout_s(path.stat().st_size))
    assert result.outcome.duration_s == pytest.approx(60 * minutes, rel=1e-3)
    assert result.outcome.descriptors.bpm == pytest.approx(BPM, rel=0.02)
    assert result.outcome.embeddings[BUILTIN_MODEL] is not None
    assert result.peak_bytes < MOST_MEMORY
