"""What FFmpeg may do with a user's file: the containers and codecs of music, and nothing else.

FFmpeg looks at what is in a file, not at its name. Left alone it takes a text that lists other
files or addresses for music (concat, HLS, DASH, SDP) and opens those; and before the first sound
it decodes the cover, so that one hostile picture costs gigabytes. None of that is for us.
"""

from __future__ import annotations

import codecs

CONTAINERS = (
    *("aac", "ac3", "aiff", "amr", "ape", "asf", "au", "caf", "dsf", "dts", "dtshd", "eac3"),
    *("flac", "iff", "loas", "matroska", "mlp", "mov", "mp3", "mpc", "mpc8", "ogg", "rm", "shn"),
    *("tak", "truehd", "tta", "w64", "wav", "wv", "xwma"),
)
"""Demuxers that read one file and hold sound: at least those of ``library``'s extensions."""

CODECS = (
    *("aac", "aac_latm", "ac3", "adpcm_ima_qt", "adpcm_ima_wav", "adpcm_ms", "alac", "amrnb"),
    *("amrwb", "ape", "atrac3", "cook", "dca", "dsd_lsbf", "dsd_lsbf_planar", "dsd_msbf"),
    *("dsd_msbf_planar", "dst", "eac3", "flac", "gsm_ms", "libopus", "mlp", "mp1float", "mp2float"),
    *("mp3float", "mp1", "mp2", "mp3", "mpc7", "mpc8", "opus", "pcm_alaw", "pcm_f16le"),
    *("pcm_f24le", "pcm_f32be", "pcm_f32le", "pcm_f64be", "pcm_f64le", "pcm_mulaw", "pcm_s16be"),
    *("pcm_s16le", "pcm_s24be", "pcm_s24le", "pcm_s32be", "pcm_s32le", "pcm_s64be", "pcm_s64le"),
    *("pcm_s8", "pcm_u16be", "pcm_u16le", "pcm_u24be", "pcm_u24le", "pcm_u32be", "pcm_u32le"),
    *("pcm_u8", "ralf", "real_144", "real_288", "shorten", "sipr", "speex", "tak", "truehd", "tta"),
    *("vorbis", "wavpack", "wmalossless", "wmapro", "wmav1", "wmav2", "wmavoice"),
)
"""Decoders of sound; there is none of pictures or films among them."""

OPEN_OPTIONS = {
    "protocol_whitelist": "file,subfile",
    "format_whitelist": ",".join(CONTAINERS),
    "codec_whitelist": ",".join(CODECS),
}
"""For ``av.open``: AVFormatContext's lists of what may be used to open and look at a file."""

AUDIO_MAGIC = (
    *(b"ID3", b"OggS", b"fLaC", b"RIFF", b"RF64", b"FORM", b".snd", b"caff", b"riff"),
    *(b"MAC ", b"MPCK", b"MP+", b"TTA1", b"tBaK", b"wvpk", b"DSD ", b"FRM8", b"ajkg"),
    b"\x1aE\xdf\xa3",  # Matroska
    b"0&\xb2u",  # ASF
    b"\x0bw",  # AC-3
    *(bytes((0xFF, second)) for second in (0xFB, 0xFA, 0xF3, 0xF2, 0xFD, 0xF1, 0xF9)),  # MPEG
)
"""How files begin that are meant to be audio."""

OTHER_MAGIC = {
    b"\xff\xd8\xff": "a JPEG picture",
    b"\x89PNG": "a PNG picture",
    b"GIF8": "a GIF picture",
    b"%PDF": "a PDF document",
    b"PK\x03\x04": "a ZIP archive",
    b"Rar!": "a RAR archive",
    b"7z\xbc\xaf": "a 7z archive",
    b"\x1f\x8b": "a gzip archive",
    b"#EXTM3U": "a playlist",
    b"ffconcat": "a playlist",
    b"[playlist]": "a playlist",
    b"<!DOCTYPE": "a web page",
    b"<html": "a web page",
}
"""How files begin that found their way into the music, and what they are."""


def other_kind(head: bytes) -> str | None:
    """What a file surely is instead of audio, by its first bytes."""
    return next((name for magic, name in OTHER_MAGIC.items() if head.startswith(magic)), None)


def is_meant_as_audio(head: bytes) -> bool:
    """Whether a file begins as audio does."""
    return head.startswith(AUDIO_MAGIC) or head[4:8] == b"ftyp"


def likely_kind(head: bytes) -> str | None:
    """What a file seems to be in which nobody finds audio."""
    if not any(head):
        return "it begins with nothing but zeros"
    return "text" if _is_text(head) else None


def _is_text(head: bytes) -> bool:
    """Whether it reads as UTF-8 (a last character may be cut) without odd control characters."""
    try:
        text = codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return False
    return all(sign.isprintable() or sign in "\r\n\t\f\ufeff" for sign in text)
