"""Scores as sound, plainly: one SoundFont, one gain for all. Run in a worker."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from harmonie_daemon.domain.brief import Brief, MusicalKey
from harmonie_daemon.domain.composition import AudioFormat
from harmonie_daemon.workers.kind import MIB, WorkerKind

RENDERING = WorkerKind(
    name="rendering",
    target="harmonie_daemon.compose.plain_rendering:render",
    preload=("numpy", "soundfile", "symusic", "pretty_midi", "harmonie_daemon.compose.composer"),
    memory_limit_bytes=900 * MIB,
    recycle_after=50,
)
SAMPLE_RATE = 44_100
PEAK = 0.89
"""−1 dBFS."""
BLOCK_SAMPLES = 65_536
_CONTAINERS = {
    "mp3": ("MP3", "MPEG_LAYER_III", 44_100),
    "wav": ("WAV", "PCM_16", 44_100),
    "flac": ("FLAC", "PCM_16", 44_100),
    "ogg": ("OGG", "VORBIS", 44_100),
    "opus": ("OGG", "OPUS", 48_000),
}


@dataclass(frozen=True, slots=True)
class PlainJob:
    """One file of sound."""

    path: str
    format: AudioFormat
    brief: Brief | None = None
    seed: int = 0
    midi_path: str = ""
    """Sounds instead of a brief."""
    instrument: str | None = None
    """Sounds alone."""
    start_ms: int = 0
    length_ms: int | None = None


@dataclass(frozen=True, slots=True)
class PlainResult:
    """What became of it."""

    instruments: tuple[str, ...]
    duration_ms: int
    bpm: float | None
    key: MusicalKey | None
    midi: bytes


def render(job: PlainJob) -> PlainResult:
    """Write the file. Raises ``OSError``."""
    import numpy as np  # noqa: PLC0415 - of the worker
    import soundfile  # noqa: PLC0415
    import symusic  # noqa: PLC0415
    from pretty_midi import instrument  # noqa: PLC0415

    from harmonie_daemon.compose.composer import compose  # noqa: PLC0415
    from harmonie_daemon.compose.midi import read_midi, write_midi  # noqa: PLC0415

    if job.brief is None:
        score = read_midi(Path(job.midi_path).read_bytes())
    else:
        score = compose(job.brief, job.seed)
    names = tuple(part.name for part in score.parts)
    played = score
    if job.instrument is not None:
        parts = tuple(part for part in score.parts if part.name == job.instrument)
        played = replace(score, parts=parts)
    container, subtype, rate = _CONTAINERS[job.format]
    font = Path(instrument.__file__).with_name("TimGM6mb.sf2")
    synth = symusic.Synthesizer(sf_path=str(font), sample_rate=rate, quality=4)
    sound = np.asarray(synth.render(symusic.Score.from_midi(write_midi(played)), stereo=True)).T
    start = job.start_ms * rate // 1000
    length_ms = score.duration_ms - job.start_ms if job.length_ms is None else job.length_ms
    wanted = np.zeros((length_ms * rate // 1000, 2), np.float32)
    part = sound[start : start + len(wanted)]
    wanted[: len(part)] = part
    wanted *= PEAK / max(PEAK, float(np.abs(wanted).max(initial=0.0)))
    with soundfile.SoundFile(job.path, "w", rate, 2, subtype=subtype, format=container) as file:
        for at in range(0, len(wanted), BLOCK_SAMPLES):
            file.write(wanted[at : at + BLOCK_SAMPLES])
    bpm = 60e6 / score.tempos[0].microseconds_per_beat
    return PlainResult(names, length_ms, bpm, score.key, write_midi(score))
