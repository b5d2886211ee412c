"""Sounds whose properties are known, and files in every format, made in the test."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

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


def write(path: Path, sound: Sound, *, rate: int = RATE, subtype: str | None = None) -> Path:
    """By soundfile; ``sound`` is [samples] or [samples, channels]."""
    soundfile.write(path, sound, rate, subtype=subtype)
    return path


def encode(
    path: Path, codec: str, sound: Sound, *, rate: int = RATE, options: dict[str, str] | None = None
) -> Path:
    """By PyAV, stereo, whatever container the suffix names."""
    with av.open(str(path), "w", options=options or {}) as container:
        stream = container.add_stream(codec, rate=rate, layout="stereo")
        assert isinstance(stream, av.AudioStream)
        stream.bit_rate = 192_000
        stream.codec_context.open()
        wanted = stream.codec_context.format
        resampler = av.AudioResampler(
            format=wanted, layout="stereo", rate=rate, frame_size=stream.codec_context.frame_size
        )
        stereo = np.ascontiguousarray(np.stack([sound, sound]))
        frame = av.AudioFrame.from_ndarray(stereo, format="fltp", layout="stereo")
        frame.sample_rate = RATE
        frame.time_base = Fraction(1, RATE)
        frame.pts = 0
        for part in (*resampler.resample(frame), *resampler.resample(None)):
            container.mux(stream.encode(part))
        container.mux(stream.encode(None))
    return path
