"""Sound into files, block after block: libvorbis crashes on long pieces given in one call."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import soundfile
import soxr

from harmonie_daemon.compose.formats import require_encoder
from harmonie_daemon.compose.soundfont.tone import SAMPLE_RATE, Sound
from harmonie_daemon.domain.composition import AudioFormat

BLOCK_FRAMES = 65_536
OPUS_RATE = 48_000
"""The only one of its usual rates that is above ours."""
_CONTAINERS = {
    AudioFormat.MP3: ("MP3", "MPEG_LAYER_III"),
    AudioFormat.WAV: ("WAV", "PCM_16"),
    AudioFormat.FLAC: ("FLAC", "PCM_16"),
    AudioFormat.OGG: ("OGG", "VORBIS"),
    AudioFormat.OPUS: ("OGG", "OPUS"),
}
_AAC_BITS_PER_S = 192_000
_Heard = Callable[[float], None]


def frames_in_file(frames: int, format: AudioFormat) -> int:
    """How many frames a file of the format has for so many of ours."""
    return round(frames * OPUS_RATE / SAMPLE_RATE) if format is AudioFormat.OPUS else frames


def write_sound(
    path: Path, format: AudioFormat, sound: Sound, heard: _Heard = lambda _: None
) -> None:
    """Write a file. ``heard`` is told how much is written, 0 to 1.

    Raises ``OSError`` (a full disk), ``EncodingError``.
    """
    require_encoder(format)
    if format is AudioFormat.AAC:
        _write_aac(path, sound, heard)
        return
    container, subtype = _CONTAINERS[format]
    rate = OPUS_RATE if format is AudioFormat.OPUS else SAMPLE_RATE
    blocks = _at_opus_rate(sound) if format is AudioFormat.OPUS else _blocks(sound)
    wanted, written = frames_in_file(len(sound), format), 0
    try:
        with soundfile.SoundFile(path, "w", rate, 2, subtype=subtype, format=container) as file:
            for block in blocks:
                file.write(block)
                written += len(block)
                heard(written / wanted)
        found = soundfile.info(path).frames
    except (soundfile.SoundFileError, AssertionError) as error:  # it wrote less than it was given
        raise _incomplete(path) from error
    if found != wanted:
        raise _incomplete(path)


def _blocks(sound: Sound) -> Iterator[Sound]:
    for start in range(0, len(sound), BLOCK_FRAMES):
        yield np.clip(sound[start : start + BLOCK_FRAMES], -1, 1)


def _at_opus_rate(sound: Sound) -> Iterator[Sound]:
    """Resampled as it goes, to just as many frames as last so long."""
    stream = soxr.ResampleStream(SAMPLE_RATE, OPUS_RATE, 2, dtype="float32")
    left = frames_in_file(len(sound), AudioFormat.OPUS)
    for start in range(0, len(sound), BLOCK_FRAMES):
        block = sound[start : start + BLOCK_FRAMES]
        last = start + BLOCK_FRAMES >= len(sound)
        resampled = np.clip(stream.resample_chunk(block, last=last), -1, 1)[:left]
        left -= len(resampled)
        yield resampled
    if left:
        yield np.zeros((left, 2), np.float32)


def _write_aac(path: Path, sound: Sound, heard: _Heard) -> None:
    """By the encoder of the FFmpeg that comes with PyAV."""
    import av  # noqa: PLC0415 - seldom needed, and 20 MB
    import av.error  # noqa: PLC0415

    try:
        with av.open(str(path), "w", format="ipod", options={"fflags": "+bitexact"}) as file:
            stream = file.add_stream("aac", rate=SAMPLE_RATE, layout="stereo")
            stream.bit_rate = _AAC_BITS_PER_S
            for number, block in enumerate(_blocks(sound)):
                planes = np.ascontiguousarray(block.T)
                frame = av.AudioFrame.from_ndarray(planes, format="fltp", layout="stereo")
                frame.sample_rate, frame.pts = SAMPLE_RATE, number * BLOCK_FRAMES
                file.mux(stream.encode(frame))
                heard(min(1.0, (number + 1) * BLOCK_FRAMES / len(sound)))
            file.mux(stream.encode(None))
    except (av.error.FFmpegError, OSError) as error:
        raise _incomplete(path) from error


def _incomplete(path: Path) -> OSError:
    """Encoders say only that they could not write; the reason is nearly always this one."""
    state = os.statvfs(path.parent)
    if state.f_bavail * state.f_frsize < 4 * 2**20:
        return OSError(errno.ENOSPC, "there is no space left on the disk", str(path))
    return OSError(errno.EIO, "the file could not be written whole", str(path))
