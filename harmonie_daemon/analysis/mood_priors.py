"""What genres, styles and mood tags suggest about a track before it is heard."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import cast

from harmonie_daemon.analysis.genre_words import styles_in_genres
from harmonie_daemon.analysis.styles import SEPARATOR, data_lines
from harmonie_daemon.domain.mood import MOOD_LABELS, MoodLabel
from harmonie_daemon.domain.track import StyleScore

MOST_STYLES = 10
OF_GENRE = 0.4
"""What a genre's line counts beside a style's: a soundtrack or pop may be anything."""
LABELS_OF_WORDS: Mapping[str, MoodLabel] = {
    "acoustic": "acoustic", "unplugged": "acoustic",
    "aggressive": "aggressive", "angry": "aggressive", "brutal": "aggressive",
    "ambient": "ambient", "atmospheric": "ambient", "meditative": "ambient", "spacey": "ambient",
    "chill": "chilling", "chilling": "chilling", "chillout": "chilling", "laidback": "chilling",
    "dark": "dark", "gloomy": "dark", "sinister": "dark", "ominous": "dark",
    "energetic": "energetic", "energy": "energetic", "upbeat": "energetic", "driving": "energetic",
    "epic": "epic", "cinematic": "epic", "dramatic": "epic", "majestic": "epic",
    "happy": "happy", "joyful": "happy", "cheerful": "happy", "fun": "happy", "uplifting": "happy",
    "melancholy": "melancholy", "melancholic": "melancholy", "wistful": "melancholy",
    "party": "party", "dance": "party", "danceable": "party", "festive": "party",
    "relaxed": "relaxed", "relaxing": "relaxed", "calm": "relaxed", "mellow": "relaxed",
    "peaceful": "relaxed",
    "romantic": "romantic", "love": "romantic", "tender": "romantic",
    "sad": "sad", "depressing": "sad", "mournful": "sad",
    "serious": "serious", "solemn": "serious",
    "sexy": "sexy", "sensual": "sexy", "sultry": "sexy",
    "sleepy": "sleepy", "sleep": "sleepy", "lullaby": "sleepy", "dreamy": "sleepy",
    "warm": "warm", "cozy": "warm", "soulful": "warm",
}  # fmt: skip
"""Words of mood tags to the label that they come closest to."""


@dataclass(frozen=True, slots=True)
class Prior:
    """A weighted opinion about valence and arousal, each 0 to 1."""

    valence: float
    arousal: float
    weight: float
    """0 to 1: how much of the opinion's styles have a line in the table, and one of their own."""
    labels: Mapping[MoodLabel, float] = field(default_factory=dict)
    """Labels made likelier, with the share of the styles that do so."""


def prior_of_genres(genres: Sequence[str]) -> Prior | None:
    """The opinion of genre tags; ``None`` if no word of them is in the taxonomy."""
    return prior_of_styles(styles_in_genres(genres))


def prior_of_styles(styles: Sequence[StyleScore]) -> Prior | None:
    """The mean opinion of the ten likeliest styles, by their squared probability."""
    likeliest = sorted(styles, key=lambda score: -score.probability)[:MOST_STYLES]
    lines = [(score.probability, _line(score)) for score in likeliest if score.probability > 0]
    known = [(probability, line) for probability, line in lines if line is not None]
    said = [
        probability if line.is_of_style else OF_GENRE * probability for probability, line in known
    ]
    total = sum(probability**2 for probability, _ in known)
    if total <= 0:
        return None
    labels: dict[MoodLabel, float] = {}
    for probability, line in known:
        for label in line.labels:
            labels[label] = labels.get(label, 0.0) + probability**2 / total
    return Prior(
        valence=sum(p**2 * line.valence for p, line in known) / total,
        arousal=sum(p**2 * line.arousal for p, line in known) / total,
        weight=min(1.0, sum(said)),
        labels=labels,
    )


def labels_of_mood_tags(moods: Sequence[str]) -> frozenset[MoodLabel]:
    """The labels that mood tags name, word by word: ``Dark, Aggressive`` names two."""
    words = [word for mood in moods for word in re.findall(r"[^\W\d_]+", mood.casefold())]
    return frozenset(LABELS_OF_WORDS[word] for word in words if word in LABELS_OF_WORDS)


@dataclass(frozen=True, slots=True)
class _Line:
    valence: float
    arousal: float
    labels: tuple[MoodLabel, ...]
    is_of_style: bool


def _line(score: StyleScore) -> _Line | None:
    table = _table()
    return table.get(score.label) or table.get(score.genre)


@cache
def _table() -> Mapping[str, _Line]:
    """By ``Genre---Style`` or genre, read once per process."""
    return dict(_parse(line) for line in data_lines("mood_priors.txt"))


def _parse(line: str) -> tuple[str, _Line]:
    name, _, numbers = line.partition(" = ")
    valence, arousal, *labels = numbers.split()
    unknown = set(labels) - set(MOOD_LABELS)
    if unknown or name.count(SEPARATOR) > 1:
        raise ValueError(f"mood_priors.txt: {line}")
    return name, _Line(
        valence=float(valence),
        arousal=float(arousal),
        labels=tuple(cast("list[MoodLabel]", labels)),
        is_of_style=SEPARATOR in name,
    )
