"""Music whose tags want more than they should get: how each file is made. All can be heard."""

from __future__ import annotations

import functools
import struct
import zlib
from collections.abc import Callable
from typing import NamedTuple

from tests.analysis.broken import whole

MIB = 1024 * 1024
MILLION = 1_000_000


class Hostile(NamedTuple):
    """A kind of file, how one of a size is made, and what becomes of its tags."""

    suffix: str
    make: Callable[[float], bytes]
    """At size 1 it would cost an unguarded reader gigabytes or minutes."""
    left_out: str | None
    """Part of the reason why they are not read whole; ``None`` if they are."""
    title: str | None = None
    """What is read all the same."""


def text_frame(name: bytes, text: bytes, flags: int = 0) -> bytes:
    """An ID3v2.4 frame of Latin-1 text."""
    return frame(name, b"\0" + text, flags)


def frame(name: bytes, data: bytes, flags: int = 0) -> bytes:
    return name + synchsafe(len(data)) + struct.pack(">H", flags) + data


def synchsafe(number: int) -> bytes:
    return bytes(number >> shift & 0x7F for shift in (21, 14, 7, 0))


def id3(frames: bytes) -> bytes:
    return b"ID3\4\0\0" + synchsafe(len(frames)) + frames


def in_mp3(frames: bytes) -> bytes:
    """An MP3 with these frames, and a title after them."""
    return id3(frames + text_frame(b"TIT2", b"Title")) + without_id3(whole("mp3"))


def without_id3(data: bytes) -> bytes:
    """The sound alone."""
    if not data.startswith(b"ID3"):
        return data
    size = functools.reduce(lambda number, byte: number << 7 | byte, data[6:10], 0)
    return data[10 + size :]


def compressed(name: bytes, mebibytes: int) -> bytes:
    """A frame of so many zeros: a thousandth of them as bytes."""
    compressor = zlib.compressobj(9)
    head = compressor.compress(bytes(MIB)) + compressor.flush(zlib.Z_FULL_FLUSH)
    block = compressor.compress(bytes(MIB)) + compressor.flush(zlib.Z_FULL_FLUSH)
    checksum = (mebibytes * MIB % 65521) << 16 | 1
    end = b"\x03\0" + struct.pack(">I", checksum)
    data = synchsafe(0x0FFFFFFF) + head + block * (mebibytes - 1) + end
    return frame(name, data, flags=0x0009)


def nested_chapters(depth: int) -> bytes:
    chapter = b""
    for _ in range(depth):
        chapter = frame(b"CHAP", b"c\0" + bytes(16) + chapter)
    return chapter


def many_frames(count: int) -> bytes:
    return in_mp3(b"".join(text_frame(b"TXXX", b"%d\0" % n) for n in range(count)))


def vorbis_comments(comments: bytes, count: int) -> bytes:
    """A FLAC file with these comments."""
    audio, streaminfo_end = whole("flac"), 4 + 4 + 34
    block = struct.pack("<I", 0) + struct.pack("<I", count) + comments
    header = b"\4" + struct.pack(">I", len(block))[1:]
    streaminfo = audio[:4] + b"\0" + audio[5:streaminfo_end]
    return streaminfo + header + block + audio[streaminfo_end:]


def many_comments(count: int) -> bytes:
    return vorbis_comments((struct.pack("<I", 2) + b"a=") * count, count)


def long_comment(length: int) -> bytes:
    text = b"title=" + b"x" * length
    return vorbis_comments(struct.pack("<I", len(text)) + text, 1)


def atom(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", 8 + len(data)) + name + data


def in_m4a(udta: bytes) -> bytes:
    """An M4A file with this at the start of its ``moov``, which is the last of its atoms."""
    audio = whole("m4a")
    start = audio.rindex(b"moov") - 4
    (size,) = struct.unpack(">I", audio[start : start + 4])
    assert start + size == len(audio)
    return audio[:start] + atom(b"moov", udta + audio[start + 8 :])


def ilst(items: bytes) -> bytes:
    handler = atom(b"hdlr", bytes(8) + b"mdirappl" + bytes(9))
    return in_m4a(atom(b"udta", atom(b"meta", bytes(4) + handler + atom(b"ilst", items))))


def many_atoms(count: int) -> bytes:
    return ilst(atom(b"\xa9nam", atom(b"data", struct.pack(">II", 1, 0) + b"x")) * count)


def cover(size: int) -> bytes:
    picture = atom(b"covr", atom(b"data", struct.pack(">II", 13, 0) + bytes(size)))
    return ilst(picture + atom(b"\xa9nam", atom(b"data", struct.pack(">II", 1, 0) + b"Title")))


def nested_atoms(depth: int) -> bytes:
    sizes = range(8 * depth, 0, -8)
    return in_m4a(b"".join(struct.pack(">I", size) + b"moof" for size in sizes))


def many_ape_items(count: int) -> bytes:
    items = b"".join(struct.pack("<II", 1, 0) + b"k%d\0x" % n for n in range(count))
    footer = b"APETAGEX" + struct.pack("<IIII", 2000, len(items) + 32, count, 0) + bytes(8)
    return without_id3(whole("mp3")) + items + footer


def picture(size: int) -> bytes:
    return in_mp3(frame(b"APIC", b"\0image/png\0\3\0" + bytes(size)))


HOSTILE = {
    "a title that expands": Hostile(
        "mp3", lambda size: in_mp3(compressed(b"TIT2", round(1_600 * size))), "MiB"
    ),
    "a picture that expands": Hostile(
        "mp3", lambda size: in_mp3(compressed(b"APIC", round(1_600 * size))), "MiB", "Title"
    ),
    "a million frames": Hostile("mp3", lambda size: many_frames(round(MILLION * size)), " s "),
    "chapters in chapters": Hostile(
        "mp3", lambda _: in_mp3(nested_chapters(600)), "nested", "Title"
    ),
    "a picture of 200 MiB": Hostile("mp3", lambda size: picture(round(200 * MIB * size)), "MiB"),
    "two million comments": Hostile(
        "flac", lambda size: many_comments(round(2 * MILLION * size)), None
    ),
    "a comment of 15 MiB": Hostile(
        "flac", lambda size: long_comment(round(15 * MIB * size)), None, "x" * 500
    ),
    "a million atoms": Hostile("m4a", lambda size: many_atoms(round(MILLION * size)), "MiB"),
    "a cover of 150 MiB": Hostile("m4a", lambda size: cover(round(150 * MIB * size)), "MiB"),
    "atoms in atoms": Hostile("m4a", lambda _: nested_atoms(20_000), "nested"),
    "a million items": Hostile("mp3", lambda size: many_ape_items(round(MILLION * size)), "MiB"),
}
