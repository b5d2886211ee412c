"""Two dozen pieces for whoever wants to look at Harmonie without music of their own."""

from __future__ import annotations

from dataclasses import dataclass

from harmonie_daemon.domain.brief import Brief, BriefSection, Emotion, Genre, TempoWord


@dataclass(frozen=True, slots=True)
class DemoPiece:
    """A brief and the seed it is always composed with."""

    brief: Brief
    seed: int


def demo_pieces() -> tuple[DemoPiece, ...]:
    """Three of every genre, differing in feeling and tempo; always the same."""
    return tuple(
        DemoPiece(_brief(*row), seed=number) for number, row in enumerate(_PIECES, start=1)
    )


_Row = tuple[str, Genre, TempoWord, int, tuple[Emotion, ...]]
_PIECES: tuple[_Row, ...] = (
    ("Monsoon Courtyard", Genre.INDIAN, TempoWord.MEDIUM, 64, (Emotion.CALM, Emotion.JOYFUL)),
    ("First Light on the Ghats", Genre.INDIAN, TempoWord.SLOW, 60, (Emotion.DREAMY,)),
    ("Kite Season", Genre.INDIAN, TempoWord.FAST, 52, (Emotion.CHEERFUL,)),
    ("Window Seat", Genre.POP, TempoWord.MEDIUM, 60, (Emotion.HAPPY,)),
    ("Paper Lanterns", Genre.POP, TempoWord.FAST, 56, (Emotion.JOYFUL, Emotion.ENERGETIC)),
    ("Letters Not Sent", Genre.POP, TempoWord.SLOW, 60, (Emotion.SAD,)),
    ("Low Tide", Genre.AMBIENT, TempoWord.SLOW, 72, (Emotion.RELAXING,)),
    ("Glass House at Night", Genre.AMBIENT, TempoWord.MEDIUM, 68, (Emotion.DREAMY, Emotion.TENSE)),
    ("Snow on the Aerial", Genre.AMBIENT, TempoWord.SLOW, 64, (Emotion.CALM,)),
    ("Garage Door Open", Genre.INDIE, TempoWord.FAST, 56, (Emotion.ENERGETIC,)),
    ("Borrowed Bicycle", Genre.INDIE, TempoWord.MEDIUM, 60, (Emotion.CHEERFUL, Emotion.HAPPY)),
    ("Last Bus Out", Genre.INDIE, TempoWord.SLOW, 60, (Emotion.DEPRESSING,)),
    ("Velvet Hours", Genre.RNB, TempoWord.SLOW, 60, (Emotion.RELAXING,)),
    ("Corner Booth", Genre.RNB, TempoWord.MEDIUM, 56, (Emotion.HAPPY, Emotion.DREAMY)),
    ("Rooftop Static", Genre.RNB, TempoWord.FAST, 52, (Emotion.ENERGETIC,)),
    (
        "The Lighthouse",
        Genre.CINEMATIC,
        TempoWord.SLOW,
        72,
        (Emotion.SAD, Emotion.TRIUMPHANT),
    ),
    ("Something in the Cellar", Genre.CINEMATIC, TempoWord.MEDIUM, 60, (Emotion.SCARY,)),
    ("Across the Ice", Genre.CINEMATIC, TempoWord.FAST, 60, (Emotion.TENSE, Emotion.TRIUMPHANT)),
    ("Concrete Garden", Genre.HIPHOP, TempoWord.MEDIUM, 60, (Emotion.CALM,)),
    ("Night Shift", Genre.HIPHOP, TempoWord.SLOW, 56, (Emotion.ANGRY,)),
    ("Chalk Lines", Genre.HIPHOP, TempoWord.FAST, 52, (Emotion.INSPIRATIONAL,)),
    ("Motorway Bloom", Genre.ELECTRONIC, TempoWord.FAST, 60, (Emotion.ENERGETIC, Emotion.JOYFUL)),
    ("Circuit Rain", Genre.ELECTRONIC, TempoWord.MEDIUM, 64, (Emotion.DREAMY,)),
    ("Undertow", Genre.ELECTRONIC, TempoWord.SLOW, 60, (Emotion.FEARFUL,)),
)
"""Title, genre, tempo, length in seconds, feelings in equal parts."""


def _brief(
    title: str, genre: Genre, tempo: TempoWord, length_s: int, emotions: tuple[Emotion, ...]
) -> Brief:
    each_ms = length_s * 1000 // len(emotions)
    sections = tuple(
        BriefSection(emotion, number * each_ms, each_ms) for number, emotion in enumerate(emotions)
    )
    return Brief(genre, tempo, sections, title=title)
