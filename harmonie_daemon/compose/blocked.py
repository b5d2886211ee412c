"""Combinations of genre, emotion and tempo that Beatoven's document says may fail.

Our composer can play them all. Explicit requests are refused all the same, so that a client sees
what the document promises; free text never is: ``around`` moves the tempo instead.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from harmonie_daemon.domain.brief import Brief, Emotion, Genre, TempoWord

_DARK = {
    Emotion.TENSE,
    Emotion.ANGRY,
    Emotion.SCARY,
    Emotion.FEARFUL,
    Emotion.SAD,
    Emotion.DEPRESSING,
}
_UPLIFTING = {Emotion.INSPIRATIONAL, Emotion.MOTIVATIONAL, Emotion.TRIUMPHANT}


@dataclass(frozen=True, slots=True)
class Combination:
    """A genre and a tempo with emotions that are blocked in them."""

    genre: Genre
    tempo: TempoWord
    emotions: frozenset[Emotion]


BLOCKED = (
    Combination(Genre.RNB, TempoWord.SLOW, frozenset(_DARK | _UPLIFTING)),
    Combination(Genre.RNB, TempoWord.FAST, frozenset(_UPLIFTING)),
    Combination(Genre.INDIE, TempoWord.SLOW, frozenset({Emotion.ENERGETIC})),
    Combination(Genre.INDIE, TempoWord.MEDIUM, frozenset({Emotion.ENERGETIC})),
    Combination(Genre.CINEMATIC, TempoWord.SLOW, frozenset({Emotion.ENERGETIC})),
    Combination(Genre.HIPHOP, TempoWord.SLOW, frozenset({Emotion.ENERGETIC})),
)
"""In the document's order; its fourth entry spells its member differently and means the same."""


def blocked_emotions(genre: Genre, tempo: TempoWord) -> frozenset[Emotion]:
    """The emotions that are blocked with this genre at this tempo."""
    return frozenset().union(
        *(one.emotions for one in BLOCKED if (one.genre, one.tempo) == (genre, tempo))
    )


def first_blocked(brief: Brief) -> Emotion | None:
    """The emotion of the first section that is blocked in this brief, or ``None``."""
    blocked = blocked_emotions(brief.genre, brief.tempo)
    return next((one.emotion for one in brief.sections if one.emotion in blocked), None)


_NEIGHBOURS = {
    TempoWord.SLOW: (TempoWord.MEDIUM, TempoWord.FAST),
    TempoWord.MEDIUM: (TempoWord.FAST, TempoWord.SLOW),
    TempoWord.FAST: (TempoWord.MEDIUM, TempoWord.SLOW),
}


def around(brief: Brief) -> Brief:
    """The same brief at the nearest tempo with nothing blocked.

    Every combination of emotions has one in every genre, so nothing else ever moves.
    """
    if first_blocked(brief) is None:
        return brief
    moved = (replace(brief, tempo=tempo) for tempo in _NEIGHBOURS[brief.tempo])
    return next(one for one in moved if first_blocked(one) is None)
