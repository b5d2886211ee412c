"""What a playlist of a clustering is called: ``Energetic_Medium_automatic``."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from statistics import median

from harmonie_daemon.domain.mood import MoodLabel
from harmonie_daemon.domain.track import Track

SUFFIX = "_automatic"
"""At the end of every name, here and at every target."""
MIXED = "Mixed"
"""Where no mood stands out."""
SLOW_BELOW, MEDIUM_BELOW = 80.0, 130.0
"""BPM."""
SHARED = 0.5
"""Share of the tracks that a genre or a decade must have to be in the name."""
_YEAR = re.compile(r"[12]\d(\d)\d\b")
_NOT_A_LETTER = re.compile(r"[\W_]+")


def tempo_word(bpms: Sequence[float]) -> str:
    """Of the middle one of these tempos; empty without any."""
    if not bpms:
        return ""
    middle = median(bpms)
    return "Slow" if middle < SLOW_BELOW else "Medium" if middle < MEDIUM_BELOW else "Fast"


def new_name(moods: Sequence[MoodLabel], tempo: str, extra: str, taken: Collection[str]) -> str:
    """The shortest name that is not taken, of the moods (the strongest first) and the tempo.

    A second mood tells it from another, then ``extra`` (a genre or a decade), then a number.
    """
    return next(name for name in _names(moods, tempo, extra) if name not in taken)


def still_true(name: str, moods: Collection[MoodLabel], tempo: str) -> bool:
    """Whether an earlier name says of these tracks what is so: its mood stands out, its tempo fits.

    Then it stays, though another mood may be a little stronger today.
    """
    words = name.removesuffix(SUFFIX).split("_")
    mood = words[0].lower() in moods or (words[0] == MIXED and not moods)
    return name.endswith(SUFFIX) and mood and (tempo in words or not tempo)


def _names(moods: Sequence[MoodLabel], tempo: str, extra: str) -> Iterator[str]:
    words = [mood.title() for mood in moods[:2]] or [MIXED]
    for more in ([words[0]], words, [*words, extra]):
        yield _joined(more, tempo)
    number = 2
    while True:
        yield _joined([*words, extra], tempo, str(number))
        number += 1


def _joined(words: Sequence[str], *others: str) -> str:
    return "_".join(word for word in (*words, *others) if word) + SUFFIX


def extra_word(tracks: Sequence[Track]) -> str:
    """The genre that most of the tracks share, or else their decade (``90s``); may be empty."""
    genres = [track.styles[0].genre for track in tracks if track.styles]
    years = [_YEAR.match(track.tags.date or "") for track in tracks]
    decades = [f"{year.group(1)}0s" for year in years if year is not None]
    for words in (genres, decades):
        if words and (found := _shared(words, len(tracks))):
            return found
    return ""


def _shared(words: Sequence[str], count: int) -> str:
    word, times = min(Counter(words).items(), key=lambda item: (-item[1], item[0]))
    short = _NOT_A_LETTER.sub("", word.split(",")[0])
    return short if times >= SHARED * count else ""
