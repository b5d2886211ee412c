"""Mono samples: brought to one rate, gathered in one array."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import soxr

from harmonie_daemon.domain.errors import DecodeError

SAMPLE_RATE = 44_100
SLOWEST_RATE, FASTEST_RATE = 1_000, 768_000
"""Sample rates outside come from a damaged header."""
CHUNK_SAMPLES = 65_536
"""Native samples gathered before they are resampled."""
SLACK_S = 1.0
"""Room beyond the promised duration, for codec delay and rounding."""

Samples = npt.NDArray[np.float32]


def checked_rate(rate: int) -> int:
    """The sample rate in Hz, if it is one; ``DecodeError`` otherwise."""
    if not SLOWEST_RATE <= rate <= FASTEST_RATE:
        raise DecodeError(f"its sample rate of {rate} Hz is impossible")
    return rate


def resampled(samples: Samples, rate: int, quality: str) -> Samples:
    """44.1 kHz samples at another rate; ``quality`` is one of soxr's, such as LQ or HQ."""
    converted: Samples = soxr.resample(samples, SAMPLE_RATE, rate, quality)
    return converted


def turned_into(samples: Samples, rate: int, quality: str) -> Samples:
    """As ``resampled`` to a lower rate, in the memory of ``samples``, which are gone afterwards.

    ``samples`` must own their memory, as what ``Sink`` gathered does; the rest is given back.
    """
    resampler = soxr.ResampleStream(SAMPLE_RATE, rate, 1, dtype="float32", quality=quality)
    written = 0
    for start in range(0, len(samples), CHUNK_SAMPLES):
        end = start + CHUNK_SAMPLES
        chunk = resampler.resample_chunk(samples[start:end], last=end >= len(samples))
        samples[written : written + len(chunk)] = chunk
        written += len(chunk)
    samples.resize(written, refcheck=False)
    return samples


class Sink:
    """Gathers mono samples of any rate as 44.1 kHz in one array, allocated once if it can be."""

    def __init__(self, promised_s: float | None, length_s: float) -> None:
        expected_s = min((promised_s or 0.0) + SLACK_S, length_s)
        self._most = int(length_s * SAMPLE_RATE)
        self._samples = np.empty(int(expected_s * SAMPLE_RATE), np.float32)
        self._count = 0
        self._pending: list[Samples] = []
        self._pending_count = 0
        self.rate = SAMPLE_RATE
        """The rate of the samples that came last, in Hz."""
        self._resampler: soxr.ResampleStream | None = None

    @property
    def is_full(self) -> bool:
        """Whether the wanted length has been reached."""
        return self._count >= self._most

    def add(self, mono: Samples, rate: int) -> None:
        """Take samples; a rate that changes inside a stream is followed."""
        if rate != self.rate:
            self._turn_to(rate)
        self._pending.append(mono)
        self._pending_count += len(mono)
        if self._pending_count >= CHUNK_SAMPLES:
            self._flush(last=False)

    def finish(self) -> Samples:
        """Everything gathered, float32[n] at 44.1 kHz, at most the wanted length."""
        self._flush(last=True)
        self._samples.resize(self._count, refcheck=False)
        return self._samples

    def _turn_to(self, rate: int) -> None:
        self._flush(last=True)
        self.rate = checked_rate(rate)
        self._resampler = (
            None
            if rate == SAMPLE_RATE
            else soxr.ResampleStream(rate, SAMPLE_RATE, 1, dtype="float32", quality="HQ")
        )

    def _flush(self, *, last: bool) -> None:
        chunk = np.concatenate(self._pending) if self._pending else np.empty(0, np.float32)
        self._pending.clear()
        self._pending_count = 0
        if self._resampler is not None:
            chunk = self._resampler.resample_chunk(chunk, last=last)
        self._append(chunk)

    def _append(self, chunk: Samples) -> None:
        chunk = chunk[: self._most - self._count]
        end = self._count + len(chunk)
        if end > len(self._samples):
            room = min(self._most, max(end, 2 * len(self._samples)))
            self._samples.resize(room, refcheck=False)
        self._samples[self._count : end] = chunk
        self._count = end
