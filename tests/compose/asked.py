"""Briefs to compose from, and what can be asked of what comes out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from harmonie_daemon.compose.score import TICKS_PER_BEAT, Note, Score
from harmonie_daemon.domain.brief import Brief, BriefSection, Emotion, Genre, TempoWord


def make_brief(
    genre: Genre = Genre.POP,
    emotion: Emotion = Emotion.HAPPY,
    tempo: TempoWord = TempoWord.MEDIUM,
    duration_ms: int = 20_000,
    **others: object,
) -> Brief:
    """A brief of one section."""
    sections = (BriefSection(emotion, 0, duration_ms),)
    return Brief(genre, tempo, sections, **others)  # type: ignore[arg-type]


def in_sections(lengths_ms: Sequence[int], emotions: Sequence[Emotion]) -> tuple[BriefSection, ...]:
    """Sections of these lengths, the emotions over again."""
    starts = [sum(lengths_ms[:number]) for number in range(len(lengths_ms))]
    return tuple(
        BriefSection(emotions[number % len(emotions)], start, length)
        for number, (start, length) in enumerate(zip(starts, lengths_ms, strict=True))
    )


def cells() -> Iterator[tuple[Genre, Emotion, TempoWord]]:
    """All 384 combinations of Beatoven's words."""
    for genre in Genre:
        for emotion in Emotion:
            for tempo in TempoWord:
                yield genre, emotion, tempo


def at_ms(score: Score, tick: int) -> float:
    """When a tick is, by the tempo map."""
    us = 0.0
    for tempo, following in pairwise((*score.tempos, None)):
        assert tempo is not None
        end = tick if following is None else min(tick, following.at)
        us += max(0, end - tempo.at) * tempo.microseconds_per_beat / TICKS_PER_BEAT
    return us / 1000


def pitched(score: Score) -> list[Note]:
    """The notes of everything but drums."""
    return [note for part in score.parts if not part.is_drums for note in part.notes]


def longest_silence_ms(score: Score) -> float:
    """The longest stretch without a sounding note, beginning and end included."""
    ends = sorted(
        (at_ms(score, note.start), at_ms(score, note.start + note.length))
        for part in score.parts
        for note in part.notes
    )
    reached, longest = 0.0, 0.0
    for start, end in ends:
        longest = max(longest, start - reached)
        reached = max(reached, end)
    return max(longest, score.duration_ms - reached)
