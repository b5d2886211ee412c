"""One decode of a file to 44.1 kHz mono float32, by PyAV first and soundfile second.

FFmpeg's resampler scales by 0.707 when it mixes stereo to mono, which would move loudness by
3 dB; so the channels are averaged here. Essentia's own loaders are never used: they corrupt
the heap on Opus.
"""

from __future__ import annotations

import stat
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import av
import av.error
import numpy as np
import soundfile

from harmonie_daemon.analysis.downmix import mono_of_frame
from harmonie_daemon.analysis.formats import (
    CODECS,
    OPEN_OPTIONS,
    is_meant_as_audio,
    likely_kind,
    other_kind,
)
from harmonie_daemon.analysis.past_tags import ffmpeg_address
from harmonie_daemon.analysis.samples import (
    CHUNK_SAMPLES,
    SAMPLE_RATE,
    Samples,
    Sink,
    checked_rate,
)
from harmonie_daemon.domain.errors import DecodeError

LONGEST_S = 600.0
"""Longer files are heard for ten minutes around their middle."""
LONGEST_PROMISE_S = 7 * 86_400.0
"""A header that promises more than a week of sound is damaged and promises nothing."""
LOUDEST_SAMPLE = 32.0
"""+30 dBFS; beyond it a float file holds garbage that would overflow later steps."""
DAMAGED_READS = 1_000
"""How often reading a container may fail before the rest is given up."""
HEAD_BYTES = 512
"""How much of a file is looked at to say what it is if it cannot be decoded."""
COMPLETE_SHARE = 0.9
"""An excerpt reached by seeking that is shorter than this share is read again from the start."""
ESTIMATED_DURATIONS = frozenset({"aac"})
"""Containers without an index, whose stated duration is a guess from the bit rate."""
IN_PLAIN_WORDS = {
    "Invalid data found when processing input": "nothing in it can be made sense of",
    "End of file": "it ends before the first sound",
}
"""What FFmpeg says most often, for a person."""


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
        """The middle of a long file."""
        if promised_s is None or promised_s <= longest_s:
            return cls.opening(promised_s, longest_s)
        return cls(promised_s, (promised_s - longest_s) / 2, longest_s)

    @classmethod
    def opening(cls, promised_s: float | None, longest_s: float) -> _Plan:
        """From the start as far as it may go."""
        return cls(promised_s, 0.0, longest_s)

    def audio(self, sink: Sink, *, rest_s: float = 0.0) -> Audio:
        """What was heard; of a file heard from its start, ``rest_s`` was left when it was full."""
        samples = sink.finish()
        decoded_s = len(samples) / SAMPLE_RATE
        if self.promised_s is None:
            return Audio(samples, decoded_s + rest_s, 1.0, sink.rate)
        return Audio(
            samples=samples,
            duration_s=self.promised_s if self.start_s else decoded_s + rest_s,
            decoded_fraction=min(1.0, decoded_s / min(self.promised_s, self.length_s)),
            native_rate=sink.rate,
        )


def decode(path: str, *, longest_s: float = LONGEST_S) -> Audio:
    """Decode a file; ``DecodeError`` says in a person's words why it cannot be."""
    head = _first_bytes(path)
    try:
        audio = _decode_with_av(path, longest_s)
    except (av.error.FFmpegError, DecodeError, ValueError, OSError) as first:
        try:
            audio = _decode_with_soundfile(path, longest_s)
        except (soundfile.SoundFileError, DecodeError, ValueError, OSError):
            raise DecodeError(_reason(head, first)) from first
    _clean(audio.samples)
    return audio


def _first_bytes(path: str) -> bytes:
    """How a file begins; ``DecodeError`` if it cannot be read or surely is something else."""
    try:
        if not stat.S_ISREG(Path(path).stat().st_mode):  # to open a pipe would wait for ever
            raise DecodeError("unreadable: not a regular file")
        with Path(path).open("rb") as file:
            head = file.read(HEAD_BYTES)
    except OSError as error:
        raise DecodeError(f"unreadable: {(error.strerror or str(error)).lower()}") from error
    if not head:
        raise DecodeError("empty file")
    if kind := other_kind(head):  # in an archive of songs FFmpeg would find one long song
        raise DecodeError(f"not audio: {kind}")
    return head


def _reason(head: bytes, error: Exception) -> str:
    """What is wrong with a file that neither decoder accepts, judged by its first bytes."""
    kind = likely_kind(head)
    if kind is not None:
        return f"not audio: {kind}"
    detail = getattr(error, "strerror", None) or str(error)
    plain = IN_PLAIN_WORDS.get(detail, detail)
    return f"{'truncated or damaged' if is_meant_as_audio(head) else 'not audio'}: {plain}"


def _clean(samples: Samples) -> None:
    """Make every sample finite and sane, in place; Essentia hangs on NaN."""
    loudest = float(max(samples.max(), -samples.min()))
    if not loudest <= LOUDEST_SAMPLE:
        np.nan_to_num(samples, copy=False, nan=0.0, posinf=0.0, neginf=0.0)
        np.clip(samples, -LOUDEST_SAMPLE, LOUDEST_SAMPLE, out=samples)


def _decode_with_av(path: str, longest_s: float) -> Audio:
    audio = _read_with_av(path, longest_s, _Plan.central)
    is_cut = audio.duration_s > longest_s
    if is_cut and audio.decoded_fraction < COMPLETE_SHARE:
        audio = _read_with_av(path, longest_s, _Plan.opening)
    return _checked(audio)


def _checked(audio: Audio) -> Audio:
    if not len(audio.samples):
        raise DecodeError("no sound could be decoded")
    return audio


def _read_with_av(
    path: str, longest_s: float, planned: Callable[[float | None, float], _Plan]
) -> Audio:
    address = ffmpeg_address(path)
    with av.open(address, metadata_errors="replace", options=dict(OPEN_OPTIONS)) as container:
        stream = _audio_stream(container)
        promised_s = _promised_seconds(container, stream)
        plan = planned(promised_s, longest_s)
        if plan.start_s and not _has_sought(container, plan.start_s + _first_second(stream)):
            plan = _Plan.opening(promised_s, longest_s)
        sink = Sink(plan.promised_s, plan.length_s)
        packets = _packets(container, stream)
        for packet in packets:
            for frame in _frames(stream, packet):
                sink.add(mono_of_frame(frame), frame.sample_rate)
            if sink.is_full:
                break
        return plan.audio(sink, rest_s=0.0 if plan.start_s else _rest_s(stream, packets))


def _audio_stream(container: av.container.InputContainer) -> av.AudioStream:
    """The first stream of sound, ready to be decoded by one thread."""
    if not container.streams.audio:
        raise DecodeError("there is no sound in it")
    stream = container.streams.audio[0]
    # PyAV has no context for a stream that FFmpeg has no decoder for
    codec: av.AudioCodecContext | None = stream.codec_context
    if codec is None or codec.name not in CODECS:
        raise DecodeError("its sound is in a coding that is unknown, or protected against copying")
    codec.thread_count = 1
    return stream


def _promised_seconds(
    container: av.container.InputContainer, stream: av.AudioStream
) -> float | None:
    promised_s = 0.0
    if container.format.name in ESTIMATED_DURATIONS:
        return None
    if stream.duration and stream.time_base:
        promised_s = float(stream.duration * stream.time_base)
    elif container.duration:
        promised_s = container.duration / av.time_base
    return _plausible(promised_s)


def _plausible(promised_s: float) -> float | None:
    return promised_s if 0 < promised_s <= LONGEST_PROMISE_S else None


def _has_sought(container: av.container.InputContainer, second: float) -> bool:
    try:
        container.seek(int(second * av.time_base))
    except av.error.FFmpegError:
        return False
    return True


def _first_second(stream: av.AudioStream) -> float:
    if stream.start_time is None or stream.time_base is None:
        return 0.0
    return float(stream.start_time * stream.time_base)


def _frames(stream: av.AudioStream, packet: av.Packet[av.AudioStream]) -> Iterator[av.AudioFrame]:
    """The frames of a packet, as far as it can be decoded: a damaged one is skipped."""
    try:
        yield from stream.decode(packet)
    except av.error.FFmpegError:
        return


def _rest_s(stream: av.AudioStream, packets: Iterable[av.Packet[av.AudioStream]]) -> float:
    """How long the packets that are left last, without decoding them."""
    ticks = sum(packet.duration or 0 for packet in packets)
    return float(ticks * stream.time_base) if stream.time_base else 0.0


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
    """Through a descriptor, since libsndfile cannot open names that are not UTF-8."""
    with Path(path).open("rb") as raw, soundfile.SoundFile(raw.fileno(), closefd=False) as file:
        rate = checked_rate(int(file.samplerate))
        plan = _Plan.central(_plausible(file.frames / rate), longest_s)
        if plan.start_s:
            file.seek(int(plan.start_s * rate))
        sink = Sink(plan.promised_s, plan.length_s)
        length = max(1, CHUNK_SAMPLES // file.channels)
        for block in file.blocks(blocksize=length, dtype="float32", always_2d=True):
            sink.add(block.mean(axis=1), rate)
            if sink.is_full:
                break
        return _checked(plan.audio(sink))
