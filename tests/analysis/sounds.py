"""Sounds whose properties are known, and files in every format, made in the test."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import numpy.typing as npt
import soundfile

RATE = 44_100
Sound = npt.NDArray[np.float32]


def sine(hz: float, seconds: float, *, level: float = 0.3, rate: int = RATE) -> Sound:
    """One steady tone."""
    time = np.arange(int(seconds * rate)) / rate
    return (level * np.sin(2 * np.pi * hz * time)).astype(np.float32)


def clicks(bpm: float, seconds: float) -> Sound:
    """A short burst of noise on every beat over a quiet hiss."""
    rng = np.random.default_rng(3)
    sound = 0.001 * rng.standard_normal(int(seconds * RATE))
    burst = rng.standard_normal(2_000) * np.exp(-np.arange(2_000) / 300)
    for beat in np.arange(0, seconds - 0.1, 60 / bpm):
        start = int(beat * RATE)
        sound[start : start + len(burst)] += 0.5 * burst
    return sound.astype(np.float32)


def chords(seconds: float, *roots_and_thirds: tuple[int, int], level: float = 0.1) -> Sound:
    """Triads of (MIDI root, semitones to the third), each with four overtones, in turn."""
    each = seconds / len(roots_and_thirds)
    parts = []
    for root, third in roots_and_thirds:
        pitches = [440 * 2 ** ((root + step - 69) / 12) for step in (0, third, 7)]
        tones = [
            sine(pitch * overtone, each, level=level / overtone)
            for pitch in pitches
            for overtone in range(1, 5)
        ]
        parts.append(np.sum(tones, axis=0))
    return np.concatenate(parts).astype(np.float32)


def music(seconds: float = 12.0) -> Sound:
    """Something with a beat and a harmony, in C major."""
    harmony = chords(seconds, (48, 4), (53, 4), (55, 4), (48, 4))
    beat = clicks(120, seconds)
    return harmony + beat[: len(harmony)]


def write(
    path: Path, sound: Sound, *, rate: int = RATE, subtype: str | None = None, **options: Any
) -> Path:
    """By soundfile, a second at a time; ``sound`` is [samples] or [samples, channels].

    libsndfile 1.2 overruns its stack when it is given a minute to encode as Vorbis at once.
    """
    channels = 1 if sound.ndim == 1 else sound.shape[1]
    with soundfile.SoundFile(path, "w", rate, channels, subtype, **options) as file:
        for start in range(0, len(sound), rate):
            file.write(sound[start : start + rate])
    return path


def encode(
    path: Path,
    codec: str,
    sound: Sound,
    *,
    rate: int = RATE,
    layout: str = "stereo",
    options: dict[str, str] | None = None,
) -> Path:
    """By PyAV, the same in every channel, whatever container the suffix names."""
    with av.open(str(path), "w", options=options or {}) as container:
        stream = container.add_stream(codec, rate=rate, layout=layout)
        assert isinstance(stream, av.AudioStream)
        stream.bit_rate = 96_000 * stream.codec_context.layout.nb_channels
        stream.codec_context.open()
        wanted = stream.codec_context.format
        resampler = av.AudioResampler(
            format=wanted, layout=layout, rate=rate, frame_size=stream.codec_context.frame_size
        )
        # interleaved, because PyAV 18 miscounts the planes of eight channels and more
        interleaved = np.repeat(sound, stream.codec_context.layout.nb_channels)[None]
        frame = av.AudioFrame.from_ndarray(interleaved, format="flt", layout=layout)
        frame.sample_rate = RATE
        frame.time_base = Fraction(1, RATE)
        frame.pts = 0
        for part in (*resampler.resample(frame), *resampler.resample(None)):
            container.mux(stream.encode(part))
        container.mux(stream.encode(None))
    return path


def repeated(source: Path, target: Path, times: int) -> Path:
    """The sound of a file many times over, without coding it again: hours in a second."""
    with av.open(str(source)) as one, av.open(str(target), "w") as many:
        stream = one.streams.audio[0]
        copy = many.add_stream_from_template(stream)
        packets = [packet for packet in one.demux(stream) if packet.size]
        timed = [(bytes(p), p.pts or 0, p.duration or 0, p.time_base) for p in packets]
        length = timed[-1][1] + timed[-1][2] - timed[0][1]
        for start in range(0, times * length, length):
            for data, pts, duration, time_base in timed:
                packet = av.Packet(data)
                packet.pts = packet.dts = start + pts
                packet.duration, packet.time_base, packet.stream = duration, time_base, copy
                many.mux(packet)
    return target
