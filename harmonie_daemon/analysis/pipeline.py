"""One file to one Analysis: decode once, then every stage on the rate it needs.

The order bounds memory: what needs 44.1 kHz goes first, so that only the smaller resampled
copies live on, one of them in the place of the original.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from harmonie_daemon.analysis.decoding import Audio, decode
from harmonie_daemon.analysis.descriptors.danceability import measure_danceability
from harmonie_daemon.analysis.descriptors.features import measure_features
from harmonie_daemon.analysis.descriptors.loudness import measure_loudness
from harmonie_daemon.analysis.descriptors.onsets import measure_onset_rate
from harmonie_daemon.analysis.descriptors.rhythm import measure_rhythm
from harmonie_daemon.analysis.descriptors.spectrogram import Spectrogram, measure_spectrogram
from harmonie_daemon.analysis.descriptors.tonality import measure_tonality
from harmonie_daemon.analysis.descriptors.version import DESCRIPTOR_VERSION
from harmonie_daemon.analysis.embedded import Embedded
from harmonie_daemon.analysis.embeddings import Embedder, embedder
from harmonie_daemon.analysis.memory import give_back
from harmonie_daemon.analysis.samples import Samples, resampled, turned_into
from harmonie_daemon.domain.track import Analysis, Descriptors

SILENT_PEAK = 1e-4
"""A loudest sample below this (-80 dBFS) makes a file silent: only its duration is known."""
RHYTHM_SHORTEST_S = 3.0
LOW_RATE, DANCE_RATE = 22_050, 16_000


class Stages:
    """CPU seconds per named stage."""

    def __init__(self, cpu_clock: Callable[[], float]) -> None:
        self._cpu_clock = cpu_clock
        self._spent: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Count what the body costs towards a stage."""
        started = self._cpu_clock()
        try:
            yield
        finally:
            self._spent[name] = self._spent.get(name, 0.0) + self._cpu_clock() - started

    def spent(self) -> Mapping[str, float]:
        """Stage to CPU seconds, in the order in which they ran."""
        return dict(self._spent)


@dataclass(frozen=True, slots=True)
class _Measured:
    """What is known so far."""

    descriptors: Descriptors
    features: Mapping[str, float] = field(default_factory=dict)


def hear(
    path: str,
    models: Sequence[str],
    *,
    weights_dir: str | None = None,
    descriptors: bool = True,
    cpu_clock: Callable[[], float] = time.process_time,
) -> Analysis:
    """Analyse a file; ``DecodeError`` if there is nothing to hear.

    Without ``descriptors`` only the models listen. Raises ``ModelError`` as ``embedder`` does.
    """
    stages = Stages(cpu_clock)
    embedders = [embedder(name, weights_dir) for name in models]
    give_back()
    with stages.stage("decode"):
        audio = decode(path)
    analysis = Analysis(
        duration_s=audio.duration_s,
        descriptors=Descriptors(),
        descriptor_version=DESCRIPTOR_VERSION if descriptors else 0,
        embeddings=dict.fromkeys(models),
        decoded_fraction=audio.decoded_fraction,
    )
    measured = _Measured(Descriptors())
    if is_silent(audio.samples) or not (embedders or descriptors):
        return replace(analysis, stage_cpu_s=stages.spent())
    if descriptors:
        measured = _measure_full_rate(audio.samples, stages)
    copies = _copies(audio, _rates(embedders, descriptors), stages)
    del audio
    heard: dict[str, Embedded | None] = {}
    for rate in sorted(copies):
        samples = copies.pop(rate)
        give_back()
        if descriptors:
            measured = _measure_at(rate, samples, measured, stages)
        heard |= _embed_at(rate, samples, embedders, stages)
    return _completed(analysis, measured, heard, stages)


def _rates(embedders: Sequence[Embedder], descriptors: bool) -> set[int]:
    own = {DANCE_RATE, LOW_RATE} if descriptors else set()
    return own | {model.sample_rate for model in embedders}


def _measure_full_rate(samples: Samples, stages: Stages) -> _Measured:
    """What is measured at 44.1 kHz."""
    with stages.stage("loudness"):
        loudness_db = measure_loudness(samples)
    with stages.stage("onsets"):
        onset_rate = measure_onset_rate(samples)
    return _Measured(Descriptors(loudness_db=loudness_db, onset_rate=onset_rate))


def _copies(audio: Audio, rates: Set[int], stages: Stages) -> dict[int, Samples]:
    """Sample rate to the sound at it.

    The largest copy takes the place of the 44.1 kHz samples, which are gone on return: with
    both in memory a worker would need the most here.
    """
    *smaller, largest = sorted(rates)
    with stages.stage("resample"):
        copies = {
            rate: resampled(audio.samples, rate, quality(rate, audio.native_rate))
            for rate in smaller
        }
        last_quality = quality(largest, audio.native_rate)
        return {**copies, largest: turned_into(audio.samples, largest, last_quality)}


def _embed_at(
    rate: int, samples: Samples, embedders: Sequence[Embedder], stages: Stages
) -> dict[str, Embedded | None]:
    """What the models that listen at this rate hear."""
    heard = {}
    for model in embedders:
        if model.sample_rate == rate:
            give_back()
            with stages.stage(model.name):
                heard[model.name] = model.hear(samples)
    return heard


def _completed(
    analysis: Analysis,
    measured: _Measured,
    heard: Mapping[str, Embedded | None],
    stages: Stages,
) -> Analysis:
    found = [embedded for embedded in heard.values() if embedded is not None]
    styles = [each.style_probabilities for each in found if each.style_probabilities is not None]
    return replace(
        analysis,
        descriptors=measured.descriptors,
        features=measured.features,
        embeddings={name: each.vector if each else None for name, each in heard.items()},
        style_probabilities=styles[0] if styles else None,
        stage_cpu_s=stages.spent(),
    )


def quality(rate: int, native_rate: int) -> str:
    """soxr's recipe for resampling to ``rate``.

    22.05 kHz takes LQ, on which the constants of timbre316 were fitted: a steeper filter
    changes the topmost bands and would put the vectors elsewhere. A file that is itself at
    22.05 kHz or below makes a round trip instead, for which only HQ is transparent.
    """
    return "LQ" if rate == LOW_RATE < native_rate else "HQ"


def is_silent(samples: Samples) -> bool:
    """Whether the loudest sample is below -80 dBFS."""
    return bool(max(samples.max(), -samples.min()) < SILENT_PEAK)


def _measure_at(rate: int, samples: Samples, known: _Measured, stages: Stages) -> _Measured:
    """What is measured at this rate, added to what is known."""
    is_long_enough = len(samples) >= RHYTHM_SHORTEST_S * rate
    if rate == DANCE_RATE and is_long_enough:
        with stages.stage("danceability"):
            danceability = measure_danceability(samples)
        return replace(known, descriptors=replace(known.descriptors, danceability=danceability))
    if rate == LOW_RATE:
        descriptors = _with_tonality(known.descriptors, samples, stages)
        if not is_long_enough:
            return replace(known, descriptors=descriptors)
        with stages.stage("rhythm"):
            spectrogram = measure_spectrogram(samples)
            descriptors = _with_rhythm(descriptors, spectrogram)
        give_back()
        with stages.stage("features"):
            return _Measured(descriptors, measure_features(samples, spectrogram))
    return known


def _with_tonality(descriptors: Descriptors, samples: Samples, stages: Stages) -> Descriptors:
    with stages.stage("key"):
        tonality = measure_tonality(samples)
    return replace(
        descriptors,
        key=tonality.key,
        scale=tonality.scale,
        key_strength=tonality.strength,
    )


def _with_rhythm(descriptors: Descriptors, spectrogram: Spectrogram) -> Descriptors:
    rhythm = measure_rhythm(spectrogram.bands)
    return replace(descriptors, bpm=rhythm.bpm, bpm_confidence=rhythm.confidence)
