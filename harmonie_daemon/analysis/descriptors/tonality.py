"""Key: Essentia's KeyExtractor (profile bgate, Faraldo 2017) at 22.05 kHz, .99 the same key."""

from __future__ import annotations

from dataclasses import dataclass

from harmonie_daemon.analysis.essentia import standard
from harmonie_daemon.analysis.samples import Samples
from harmonie_daemon.domain.track import PITCH_CLASSES, Scale

SAMPLE_RATE = 22_050
FRAME = 2_048

SPELLINGS = {"Db": "C#", "D#": "Eb", "Gb": "F#", "G#": "Ab", "A#": "Bb"}
"""Other names of the black keys to the one that Harmonie writes."""


@dataclass(frozen=True, slots=True)
class Tonality:
    """``None`` throughout where nothing tonal was heard."""

    key: str | None = None
    scale: Scale | None = None
    strength: float | None = None
    """0 to 1."""


def measure_tonality(samples: Samples) -> Tonality:
    """The key of mono samples at 22.05 kHz."""
    if len(samples) < FRAME:
        return Tonality()
    extract = standard().KeyExtractor(sampleRate=SAMPLE_RATE, frameSize=FRAME, hopSize=FRAME)
    name, scale, strength = extract(samples)
    key = SPELLINGS.get(name, name)
    if key not in PITCH_CLASSES or not strength > 0:
        return Tonality()
    return Tonality(key, Scale(scale), min(1.0, float(strength)))
