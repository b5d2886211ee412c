"""One decode of a file to 44.1 kHz mono float32, by PyAV first and soundfile second.

FFmpeg's resampler scales by 0.707 when it mixes stereo to mono, which would move loudness by
3 dB; so the channels are averaged here. Essentia's own loaders are never used: they corrupt
the heap on Opus.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import av
import av.error
import numpy as np
import soundfile

from harmonie_daemon.analysis.samples import SAMPLE_RATE, Samples, Sink, mono_of_frame
from harmonie_daemon.domain.errors import DecodeError

LONGEST_S = 600.0
"""Longer files are heard for ten minutes around their middle."""
LOUDEST_SAMPLE = 32.0
"""+30 dBFS; beyond it a float file holds garbage that would overflow later steps."""
DAMAGED_READS = 1_000
"""How often reading a container may fail before the rest is given up."""
COMPLETE_SHARE = 0.9
"""An excerpt reached by seeking that is shorter than this share is read again from the start."""
ESTIMATED_DURATIONS = frozenset({"aac"})
"""Containers without an index, whose stated duration is a guess from the bit rate."""

MAGIC = (
    b"ID3",
    b"OggS",
    b"fLaC",
    b"RIFF",
    b"FORM",
    b"\x1aE\xdf\xa3",  # Matroska
    b"0&\xb2u",  # ASF
    b"MAC ",
    b"wvpk",
)
"""How files begin that are meant to be audio."""


@dataclass(frozen=True, slots=True)
class Audio:
    """What was decoded."""

    samples: Samples
    """float32[n], mono, 44.1 kHz, finite; of a long file its central excerpt."""
    duration_s: float
    """Of the whole file, in seconds."""
    decoded_fraction: float
    """Decoded share of what the container promised to hold, 0 to 1."""
    native_rate: int
    """The file's own sample rate in Hz: nothing was heard above half of it."""


@dataclass(frozen=True, slots=True)
class _Plan:
    """Which part of a file to decode, in seconds."""

    promised_s: float | None
    start_s: float
    length_s: float

    @classmethod
    def central(cls, promised_s: float | None, longest_s: float) -> _Plan:
        if promised_s is None or promised_s <= longest_s:
            return cls(promised_s, 0.0, longest_s)
        return cls(promised_s, (promised_s - longest_s) / 2, longest_s)

    def audio(self, sink: Sink, *, estimated: bool = False) -> Audio:
        """A file heard to its end is as long as what was heard; a cut one as it says."""
        samples = sink.finish()
        if not len(samples):
            raise DecodeError("no sound could be decoded")
        decoded_s = len(samples) / SAMPLE_RATE
        if self.promised_s is None or estimated:
            return Audio(samples, decoded_s, 1.0, sink.rate)
        is_cut = self.promised_s > self.length_s
        expected_s = min(self.promised_s, self.length_s)
        return Audio(
            samples=samples,
            duration_s=self.promised_s if is_cut else decoded_s,
            decoded_fraction=min(1.0, decoded_s / expected_s),
            native_rate=sink.rate,
        )


def decode(path: str, *, longest_s: float = LONGEST_S) -> Audio:
    """Decode a file; ``DecodeError`` says in a person's words why it cannot be."""
    _check_readable(path)
    try:
        audio = _decode_with_av(path, longest_s)
    except (av.error.FFmpegError, DecodeError, ValueError) as first:
        try:
            audio = _decode_with_soundfile(path, longest_s)
        except (soundfile.SoundFileError, DecodeError, ValueError, OSError):
            raise DecodeError(_reason(path, first)) from first
    _clean(audio.samples)
    return audio


def _check_readable(path: str) -> None:
    try:
        status = Path(path).stat()
    except OSError as error:
        raise DecodeError(f"unreadable: {error.strerror}") from error
    if not stat.S_ISREG(status.st_mode):
        raise DecodeError("unreadable: not a regular file")
    if not os.access(path, os.R_OK):
        raise DecodeError("unreadable: permission denied")
    if status.st_size == 0:
        raise DecodeError("empty file")


def _reason(path: str, error: Exception) -> str:
    """What is wrong with a file that neither decoder accepts, judged by its first bytes."""
    with Path(path).open("rb") as file:
        head = file.read(12)
    detail = getattr(error, "strerror", None) or str(error)
    is_meant_as_audio = head.startswith(MAGIC) or head[4:8] == b"ftyp"
    return f"{'truncated or damaged' if is_meant_as_audio else 'not audio'}: {detail}"


def _clean(samples: Samples) -> None:
    """Make every sample finite and sane, in place; Essentia hangs on NaN."""
    loudest = float(max(samples.max(), -samples.min()))
    if not loudest <= LOUDEST_SAMPLE:
        np.nan_to_num(samples, copy=False, nan=0.0, posinf=0.0, neginf=0.0)
        np.clip(samples, -LOUDEST_SAMPLE, LOUDEST_SAMPLE, out=samples)


def _decode_with_av(path: str, longest_s: float) -> Audio:
    audio = _read_with_av(path, longest_s, seek=True)
    is_cut = audio.duration_s > longest_s
    if is_cut and audio.decoded_fraction < COMPLETE_SHARE:
        return _read_with_av(path, longest_s, seek=False)
    return audio


def _read_with_av(path: str, longest_s: float, *, seek: bool) -> Audio:
    with av.open(path, metadata_errors="replace") as container:
        if not container.streams.audio:
            raise DecodeError("there is no sound in it")
        stream = container.streams.audio[0]
        stream.codec_context.thread_count = 1
        plan = _Plan.central(_promised_seconds(container, stream), longest_s)
        if seek and plan.start_s:
            container.seek(int((plan.start_s + _first_second(stream)) * av.time_base))
        sink = Sink(plan.promised_s, plan.length_s)
        for frame in _frames(container, stream):
            sink.add(mono_of_frame(frame), frame.sample_rate)
            if sink.is_full:
                break
        is_estimated = container.format.name in ESTIMATED_DURATIONS
        return plan.audio(sink, estimated=is_estimated)


def _promised_seconds(
    container: av.container.InputContainer, stream: av.AudioStream
) -> float | None:
    if stream.duration and stream.time_base:
        return float(stream.duration * stream.time_base)
    return container.duration / av.time_base if container.duration else None


def _first_second(stream: av.AudioStream) -> float:
    if stream.start_time is None or stream.time_base is None:
        return 0.0
    return float(stream.start_time * stream.time_base)


def _frames(
    container: av.container.InputContainer, stream: av.AudioStream
) -> Iterator[av.AudioFrame]:
    """Every frame that can be decoded; a damaged packet is skipped."""
    for packet in _packets(container, stream):
        try:
            yield from stream.decode(packet)
        except av.error.FFmpegError:
            continue


def _packets(
    container: av.container.InputContainer, stream: av.AudioStream
) -> Iterator[av.Packet[av.AudioStream]]:
    for _ in range(DAMAGED_READS):
        try:
            yield from container.demux(stream)
        except av.error.InvalidDataError:
            continue
        else:
            return


def _decode_with_soundfile(path: str, longest_s: float) -> Audio:
    """Through a Python file, since libsndfile cannot open names that are not UTF-8."""
    with Path(path).open("rb") as raw, soundfile.SoundFile(raw) as file:
        rate = int(file.samplerate)
        plan = _Plan.central(file.frames / rate, longest_s)
        if plan.start_s:
            file.seek(int(plan.start_s * rate))
        sink = Sink(plan.promised_s, plan.length_s)
        for block in file.blocks(blocksize=rate, dtype="float32", always_2d=True):
            sink.add(block.mean(axis=1), rate)
            if sink.is_full:
                break
        return plan.audio(sink)
