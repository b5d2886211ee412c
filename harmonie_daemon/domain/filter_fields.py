"""The filters there are.

Parser, SQL, query parameters, body members and the command line are made from this table: another
filter of a form that exists is one row, and a column of the store that it compares.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from harmonie_daemon.domain.mood import MOOD_LABELS
from harmonie_daemon.domain.track import LEAST_TEMPO_CONFIDENCE


class Form(StrEnum):
    """What a filter takes."""

    RANGE = "range"
    PITCH_CLASSES = "pitch classes"
    SCALE = "scale"
    LABELS = "labels"
    """Genres, or styles."""
    PROBABILITY = "probability"
    STYLE_MODE = "style mode"


@dataclass(frozen=True, slots=True)
class FilterField:
    """One filter."""

    name: str
    form: Form
    meaning: str = ""
    examples: tuple[str, ...] = ()
    column: str = ""
    """Of a range: table and column of the number, in ``tracks`` or in a table by ``track_id``."""
    least: tuple[str, float] | None = None
    """A column beside it, and below what value there the number counts as unknown."""


def _mood(name: str, meaning: str, *, column: str | None = None) -> FilterField:
    return FilterField(name, Form.RANGE, meaning, ("0.6..",), f"track_moods.{column or name}")


FILTER_FIELDS = (
    FilterField(
        "bpm",
        Form.RANGE,
        "Tempo in BPM. Only tracks whose tempo was heard with confidence (`tempo_known`).",
        ("120..130", "120..", "..130", "128"),
        "tracks.bpm",
        ("tracks.bpm_confidence", LEAST_TEMPO_CONFIDENCE),
    ),
    FilterField("danceability", Form.RANGE, "0 to about 3.", ("1.2..",), "tracks.danceability"),
    FilterField("loudness", Form.RANGE, "ReplayGain in dB.", ("..-10",), "tracks.loudness_db"),
    FilterField("key", Form.PITCH_CLASSES, "Pitch class; repeat for or.", ("A", "C#", "Eb")),
    FilterField("scale", Form.SCALE),
    FilterField("genre", Form.LABELS, "Discogs genre; repeat for or.", ("Electronic",)),
    FilterField("style", Form.LABELS, "Discogs style; repeat for or.", ("House",)),
    FilterField("style_min", Form.PROBABILITY, "Style rows below this do not count."),
    FilterField(
        "style_mode",
        Form.STYLE_MODE,
        "Whether any or all of the genres and styles must match.",
    ),
    _mood("energy", "Sparse and soft (0) to dense and bright (1)."),
    _mood("valence", "Sad or angry (0) to glad or serene (1)."),
    _mood("arousal", "Calm (0) to excited (1)."),
    _mood("danceable", "Hard to dance to (0) to made for it (1).", column="danceability"),
    *(_mood(label, f"How {label} it is, 0 to 1.") for label in MOOD_LABELS),
)
FILTER_NAMES = tuple(field.name for field in FILTER_FIELDS)
FILTER_FIELDS_BY_NAME = {field.name: field for field in FILTER_FIELDS}
