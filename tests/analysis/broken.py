"""Files that are not what they seem: how each is made, and what becomes of it."""

from __future__ import annotations

import functools
import io
import struct
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

from tests.analysis.sounds import encode, music, write

SECONDS = 4.0
"""How long the sound is that the broken files are made of."""
CODECS = {
    "mp3": "libmp3lame",
    "flac": "flac",
    "opus": "libopus",
    "m4a": "aac",
    "aac": "aac",
    "wma": "wmav2",
    "aiff": "pcm_s16be",
    "wv": "wavpack",
    "mka": "ac3",
    "tta": "tta",
}
SUFFIXES = (*CODECS, "wav", "ogg")
"""Everything that ``whole`` can make."""

Make = Callable[[], bytes]


@functools.cache
def whole(suffix: str) -> bytes:
    """The bytes of a good file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"music.{suffix}"
        if suffix in CODECS:
            rate = 48_000 if suffix == "opus" else 44_100
            encode(path, CODECS[suffix], music(SECONDS), rate=rate)
        else:
            write(path, music(SECONDS))
        return path.read_bytes()


def noise(count: int) -> bytes:
    """Random bytes, always the same."""
    return np.random.default_rng(1).bytes(count)


def patched(data: bytes, position: int, patch: bytes) -> bytes:
    """The data with some bytes replaced."""
    return data[:position] + patch + data[position + len(patch) :]


def wav(
    *,
    rate: int = 44_100,
    channels: int = 1,
    bits: int = 16,
    kind: int = 1,
    claim: int | None = None,
) -> bytes:
    """A WAV file of ``SECONDS`` of 16-bit mono whose header says what it is told to say."""
    sound = whole("wav")[44:]
    claim = len(sound) if claim is None else claim
    frame = channels * bits // 8
    riff = min(claim + 36, 0xFFFF_FFFF)
    shape = (16, kind, channels, rate, rate * frame & 0xFFFF_FFFF, frame & 0xFFFF, bits)
    return b"".join(
        [
            *(b"RIFF", struct.pack("<I", riff), b"WAVE", b"fmt ", struct.pack("<IHHIIHH", *shape)),
            *(b"data", struct.pack("<I", claim), sound),
        ]
    )


def flac_with(*, rate: int | None = None, total: int | None = None) -> bytes:
    """A FLAC file whose STREAMINFO (RFC 9639 §8.2) lies about its rate or its length."""
    data = whole("flac")
    bits = int.from_bytes(data[18:26], "big")
    if rate is not None:
        bits = bits & ~(0xFFFFF << 44) | rate << 44
    if total is not None:
        bits = bits & ~((1 << 36) - 1) | total
    return patched(data, 18, bits.to_bytes(8, "big"))


def ogg_pages() -> list[int]:
    """Where the pages of the Ogg file begin."""
    data = whole("ogg")
    return [at for at in range(len(data)) if data.startswith(b"OggS", at)]


def ogg_with_checksums(of_pages: slice, checksum: bytes) -> bytes:
    """An Ogg file with other CRCs (RFC 3533 §6) in some of its pages."""
    data = whole("ogg")
    for page in ogg_pages()[of_pages]:
        data = patched(data, page + 22, checksum)
    return data


def without_moov() -> bytes:
    """An MP4 file as a recorder leaves it that was switched off too early."""
    data = whole("m4a")
    return data[: data.index(b"moov") - 4]


def with_moov_of_noise() -> bytes:
    """An MP4 file whose index is unreadable."""
    data = whole("m4a")
    start = data.index(b"moov") + 4
    return data[:start] + noise(len(data) - start)


def damaged_middle(suffix: str, size: int = 2_000) -> bytes:
    """A file with noise in its middle."""
    data = whole(suffix)
    return patched(data, len(data) // 2, noise(size))


def zeroed_middle(suffix: str) -> bytes:
    """A file of which the middle third was never written to the disk."""
    data = whole(suffix)
    third = len(data) // 3
    return patched(data, third, bytes(third))


def archive() -> bytes:
    """A ZIP with a song in it."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        file.writestr("song.mp3", whole("mp3"))
    return buffer.getvalue()


def id3_claim(size: int) -> bytes:
    """An ID3v2 header that claims so many bytes of tag (ID3v2.4 §3.1)."""
    digits = bytes(size >> shift & 0x7F for shift in (21, 14, 7, 0))
    return b"ID3\x04\x00\x00" + digits


def _floats(value: float) -> bytes:
    return wav(bits=32, kind=3)[:44] + np.full(44_100, value, np.float32).tobytes()


DIARY = b"Dear diary, today I renamed a text file.\n" * 50
CUE = b'FILE "song.wav" WAVE\r\n  TRACK 01 AUDIO\r\n    INDEX 01 00:00:00\r\n' * 9
DAMAGED = "truncated or damaged: "

FAILING: dict[str, tuple[Make, str]] = {
    "empty.mp3": (lambda: b"", "empty file"),
    "text.mp3": (lambda: DIARY, "not audio: text"),
    "umlauts.mp3": (lambda: "Grüße\n".encode() * 200, "not audio: text"),
    "cue_sheet.wav": (lambda: CUE, "not audio: text"),
    "text.flac": (lambda: b"fLaC? Not at all.\n" * 50, "not audio: text"),
    "page.mp3": (lambda: b"<!DOCTYPE html><body>404</body>" * 50, "not audio: a web page"),
    "picture.mp3": (lambda: b"\x89PNG\r\n\x1a\n" + bytes(5_000), "not audio: a PNG picture"),
    "photo.flac": (lambda: b"\xff\xd8\xff\xe0" + noise(20_000), "not audio: a JPEG picture"),
    "document.ogg": (lambda: b"%PDF-1.7\n" + noise(9_000), "not audio: a PDF document"),
    "archive.m4a": (archive, "not audio: a ZIP archive"),
    "zeros.mp3": (lambda: bytes(20_000), "not audio: it begins with nothing but zeros"),
    "random.ogg": (lambda: noise(20_000), "not audio: "),
    "header.wav": (lambda: whole("wav")[:44], DAMAGED),
    "header.ogg": (lambda: whole("ogg")[:50], DAMAGED),
    "headers_only.ogg": (lambda: whole("ogg")[: ogg_pages()[2]], DAMAGED),
    "header.flac": (lambda: whole("flac")[:42], DAMAGED),
    "header.wma": (lambda: whole("wma")[:100], DAMAGED),
    "tag_only.mp3": (lambda: id3_claim(20) + bytes(20), DAMAGED),
    "boundless_tag.mp3": (lambda: id3_claim(100 << 20) + whole("mp3"), DAMAGED),
    "truncated.m4a": (lambda: whole("m4a")[:5_000], DAMAGED),
    "no_index.m4a": (without_moov, DAMAGED),
    "index_of_noise.m4a": (with_moov_of_noise, DAMAGED),
    "all_checksums.ogg": (lambda: ogg_with_checksums(slice(None), b"\1\2\3\4"), DAMAGED),
    "no_stream_info.flac": (lambda: b"fLaC" + whole("flac")[42:], DAMAGED),
    "rate_of_nothing.wav": (lambda: wav(rate=0), DAMAGED),
    "rate_of_one.wav": (lambda: wav(rate=1), f"{DAMAGED}its sample rate of 1 Hz"),
    "absurd_rate.wav": (lambda: wav(rate=0x7FFF_FFFF), f"{DAMAGED}its sample rate of 2147483647"),
    "no_channels.wav": (lambda: wav(channels=0), DAMAGED),
    "absurd_channels.wav": (lambda: wav(channels=65_535), DAMAGED),
    "no_bits.wav": (lambda: wav(bits=0), f"{DAMAGED}its sound is in a coding"),
    "unknown_codec.wav": (lambda: wav(kind=0x9999), f"{DAMAGED}its sound is in a coding"),
}
"""Name to the bytes and to how the reason begins."""

HEARD: dict[str, tuple[Make, float]] = {
    "really_wav.mp3": (lambda: whole("wav"), SECONDS),
    "really_mp3.flac": (lambda: whole("mp3"), SECONDS),
    "really_m4a.mp3": (lambda: whole("m4a"), SECONDS),
    "really_flac.ogg": (lambda: whole("flac"), SECONDS),
    "four_gigabytes.wav": (lambda: wav(claim=0xFFFF_FFFF), SECONDS),
    "four_gigabytes_less.wav": (lambda: wav(claim=0xFFFF_FFF0), SECONDS),
    "unfinished.wav": (lambda: wav(claim=0), SECONDS),
    "many_channels.wav": (lambda: wav(channels=200), SECONDS / 200),
    "wrong_md5.flac": (lambda: patched(whole("flac"), 26, b"\xaa" * 16), SECONDS),
    "length_unknown.flac": (lambda: flac_with(total=0), SECONDS),
    "a_week_and_more.flac": (lambda: flac_with(total=(1 << 36) - 1), SECONDS),
    "three_hours_claimed.flac": (lambda: flac_with(total=3 * 3_600 * 44_100), SECONDS),
    "a_second_claimed.flac": (lambda: flac_with(total=44_100), SECONDS),
    "other_rate.flac": (lambda: flac_with(rate=655_350), SECONDS),
    "tagged.flac": (lambda: id3_claim(20) + bytes(20) + whole("flac"), SECONDS),
    "noise_before.mp3": (lambda: noise(50_000) + whole("mp3"), SECONDS),
    "zeros_before.mp3": (lambda: bytes(50_000) + whole("mp3"), SECONDS),
    "impossible_tag.mp3": (lambda: b"ID3" + b"\xff" * 7 + whole("mp3"), SECONDS),
    "two_in_one.ogg": (lambda: whole("ogg") * 2, 2 * SECONDS),
    "one_checksum.ogg": (lambda: ogg_with_checksums(slice(3, 4), bytes(4)), 0.88 * SECONDS),
    "damaged.mp3": (lambda: damaged_middle("mp3"), 0.95 * SECONDS),
    "damaged.flac": (lambda: damaged_middle("flac"), 0.9 * SECONDS),
    "damaged.m4a": (lambda: damaged_middle("m4a"), 0.95 * SECONDS),
    "zeroed.mp3": (lambda: zeroed_middle("mp3"), 0.67 * SECONDS),
    "zeroed.flac": (lambda: zeroed_middle("flac"), 0.67 * SECONDS),
    "zeroed.aiff": (lambda: zeroed_middle("aiff"), SECONDS),
    "not_a_number.wav": (lambda: _floats(float("nan")), 1.0),
    "infinity.wav": (lambda: _floats(float("inf")), 1.0),
    "enormous.wav": (lambda: _floats(3e38), 1.0),
}
"""Name to the bytes and to about how many seconds are heard."""


def lay_out(folder: Path, names: list[str]) -> list[Path]:
    """Make some of them as files."""
    paths = [folder / name for name in names]
    for path in paths:
        make, _ = FAILING[path.name] if path.name in FAILING else HEARD[path.name]
        path.write_bytes(make())
    return paths
