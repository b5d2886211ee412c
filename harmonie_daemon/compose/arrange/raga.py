"""Ragas instead of chords: which tones, which of them to rest on, and the phrase that names one.

Tones are semitones above Sa. ``rising`` is aroha where it differs from the whole scale, ``vadi``
the tone that is dwelt on most, ``nyas`` the tones that phrases may end on, ``pakad`` the phrase by
which the raga is known.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from harmonie_daemon.compose.arrange.plan import HarmonySpan
from harmonie_daemon.compose.chance import chance_for
from harmonie_daemon.compose.theory import Chord
from harmonie_daemon.compose.timing import Grid
from harmonie_daemon.domain.brief import Brief, Emotion, MusicalKey


@dataclass(frozen=True, slots=True)
class Raga:
    """A raga as far as a short piece needs it."""

    name: str
    tones: tuple[int, ...]
    vadi: int
    nyas: tuple[int, ...]
    pakad: tuple[int, ...]
    rising: tuple[int, ...] = ()
    drone: int = 7
    """The tanpura's first string: Pa, or Ma where the raga has no Pa."""

    @property
    def dwelt_on(self) -> int:
        """Its third where one may rest on it, for that tells its colour against the drone."""
        return next((third for third in (3, 4) if third in self.nyas), self.vadi)

    @property
    def is_minor(self) -> bool:
        """Whether its third is flat."""
        return 3 in self.tones


RAGAS = {
    raga.name: raga
    for raga in (
        Raga("bhupali", (0, 2, 4, 7, 9), 4, (0, 4, 7), (4, 2, 0, -3, 0, 2, 4)),
        Raga("yaman", (0, 2, 4, 6, 7, 9, 11), 4, (0, 4, 7, 11), (-1, 2, 4, 2, 0)),
        Raga("khamaj", (0, 2, 4, 5, 7, 9, 10), 4, (0, 4, 7), (10, 9, 5, 7, 9, 5, 4)),
        Raga("durga", (0, 2, 5, 7, 9), 9, (0, 2, 7, 9), (5, 7, 9, 5, 2, 0)),
        Raga("desh", (0, 2, 4, 5, 7, 9, 10, 11), 2, (0, 2, 7), (2, 5, 7, 11, 12), (0, 2, 5, 7, 11)),
        Raga("bilawal", (0, 2, 4, 5, 7, 9, 11), 9, (0, 4, 7), (4, 7, 9, 11, 12)),
        Raga("jaunpuri", (0, 2, 3, 5, 7, 8, 10), 8, (0, 3, 7), (5, 7, 8, 5, 3, 2, 0)),
        Raga("kirwani", (0, 2, 3, 5, 7, 8, 11), 7, (0, 3, 7), (7, 8, 5, 3, 2, 0)),
        Raga("kafi", (0, 2, 3, 5, 7, 9, 10), 7, (0, 3, 7), (2, 3, 2, 5, 7)),
        Raga("bhairavi", (0, 1, 3, 5, 7, 8, 10), 5, (0, 3, 5, 7), (5, 3, 1, 0, 8 - 12, 10 - 12, 0)),
        Raga("malkauns", (0, 3, 5, 8, 10), 5, (0, 3, 5), (3, 5, 8, 5, 3, 0), drone=5),
        Raga("bhairav", (0, 1, 4, 5, 7, 8, 11), 8, (0, 4, 7, 8), (4, 5, 8, 7, 4, 1, 0)),
        Raga("todi", (0, 1, 3, 6, 7, 8, 11), 8, (0, 3, 7, 8), (3, 1, 0, 3, 6, 3, 1, 0)),
    )
}
_SUITING: dict[Emotion, tuple[str, ...]] = {
    Emotion.HAPPY: ("bilawal", "khamaj", "bhupali", "durga"),
    Emotion.JOYFUL: ("durga", "khamaj", "desh"),
    Emotion.CHEERFUL: ("khamaj", "bhupali", "desh"),
    Emotion.CALM: ("bhupali", "yaman"),
    Emotion.RELAXING: ("yaman", "bhupali", "desh"),
    Emotion.DREAMY: ("yaman", "desh"),
    Emotion.MOTIVATIONAL: ("durga", "bhupali", "khamaj"),
    Emotion.INSPIRATIONAL: ("desh", "yaman", "durga"),
    Emotion.TRIUMPHANT: ("durga", "bhupali"),
    Emotion.ENERGETIC: ("kafi", "durga", "khamaj"),
    Emotion.SAD: ("bhairavi", "kafi", "jaunpuri", "kirwani"),
    Emotion.DEPRESSING: ("todi", "malkauns", "bhairavi"),
    Emotion.TENSE: ("bhairav", "todi"),
    Emotion.SCARY: ("malkauns", "todi"),
    Emotion.FEARFUL: ("bhairav", "malkauns"),
    Emotion.ANGRY: ("malkauns", "bhairav"),
}
_OF_KEY = {"major": ("bilawal", "bhupali"), "minor": ("jaunpuri", "kirwani")}
"""The ragas that a western ear calls plainly major or minor; for a key that was asked for."""


def ragas_of(brief: Brief, seed: int) -> tuple[Raga, ...]:
    """A raga for each section; one that suits the next feeling too stays."""
    chosen: list[Raga] = []
    for number, section in enumerate(brief.sections):
        suiting = _suiting(section.emotion, brief.key)
        if chosen and chosen[-1].name in suiting:
            chosen.append(chosen[-1])
        else:
            chosen.append(RAGAS[chance_for(seed, "raga", number).choice(suiting)])
    return tuple(chosen)


def _suiting(emotion: Emotion, key: MusicalKey | None) -> tuple[str, ...]:
    return _SUITING[emotion] if key is None else _OF_KEY[key.mode]


def raga_harmony(grid: Grid, tonic: int, ragas: Sequence[Raga]) -> tuple[HarmonySpan, ...]:
    """A span for each bar; its "chord" is Sa and the tones to rest on."""
    return tuple(_spans(grid, tonic, ragas))


def _spans(grid: Grid, tonic: int, ragas: Sequence[Raga]) -> Iterator[HarmonySpan]:
    for bar in grid.bars:
        raga = ragas[bar.section]
        tones = frozenset((tonic + tone) % 12 for tone in raga.tones)
        rests = tuple(dict.fromkeys((0, *raga.nyas, raga.vadi)))
        yield HarmonySpan(
            bar.start,
            bar.length,
            Chord(tonic, rests),
            tones,
            tones,
            raga.name,
            rising=frozenset((tonic + tone) % 12 for tone in raga.rising),
            dwelt_on=(tonic + raga.dwelt_on) % 12,
        )
