"""The melody: one motif and its answer, developed through phrases and sections.

A phrase of eight bars is a plan of letters. ``a`` is the motif and ``b`` its answer, each set upon
the chord of its bar, so that repeating is sequencing; ``f`` is the motif's head twice, rising;
``i`` the motif upside down; ``r`` a rest in which something else is heard; ``h`` pauses on a tone
of the half cadence; ``c`` comes home.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from random import Random

from harmonie_daemon.compose.arrange.motifs import Motif, drawn_motif
from harmonie_daemon.compose.arrange.plan import HarmonySpan, Passage, PiecePlan
from harmonie_daemon.compose.arrange.raga import RAGAS
from harmonie_daemon.compose.arrange.rhythm import in_bar, loudness, shortened
from harmonie_daemon.compose.palettes import PartRole, Player
from harmonie_daemon.compose.score import Note
from harmonie_daemon.compose.theory import nearest, stepped, steps_between
from harmonie_daemon.compose.timing import Bar
from harmonie_daemon.domain.brief import Genre

_SENTENCE, _PERIOD, _RIFF = "ababffac", "abahabac", "aabaaabc"
_CALL, _ARCH, _ROUND = "arbrabrc", "abibaffc", "abacabfc"
PHRASES: dict[Genre, tuple[str, ...]] = {
    Genre.POP: (_SENTENCE, _PERIOD, _ROUND, _RIFF),
    Genre.AMBIENT: ("aaraaarc", "abababrc", "aabraabc"),
    Genre.INDIE: (_SENTENCE, _PERIOD, _ARCH, _ROUND),
    Genre.RNB: (_CALL, _PERIOD, "abrbabac"),
    Genre.CINEMATIC: (_SENTENCE, _ARCH, _PERIOD),
    Genre.HIPHOP: (_CALL, _RIFF, "ararabrc", "aarbaarc"),
    Genre.INDIAN: ("pbapabrc", "abrpabrc", "pabrffac", "aprbabrc"),
    Genre.ELECTRONIC: (_RIFF, _ROUND, "aaabaaac", _SENTENCE),
}
_SPAN = 15
"""Semitones from the lowest to the highest note of a melody: about a tenth."""
_WRONG_TONE, _OUT_OF_REACH, _OFF_TARGET = 3.0, 5.0, 0.45
_DWELLING = 0.8
_VELOCITY = 90
_SLOW_BELOW = 0.3
_LONG_STEPS = 6
_CADENCE_RHYTHMS = ("x-x-x-----------", "x---x-----------", "x-------........", "x---x---x-------")


@dataclass(frozen=True, slots=True)
class Reach:
    """Where a melody moves."""

    low: int
    high: int

    @property
    def middle(self) -> float:
        """Halfway."""
        return (self.low + self.high) / 2


def reach_of(player: Player, valence: float) -> Reach:
    """A tenth in the middle of what is played, higher for bright feelings than for dark ones."""
    room = player.high - player.low
    span = min(_SPAN, room)
    low = player.low + round((room - span) * (0.5 + 0.3 * valence))
    return Reach(low, low + max(12, span))


def lead_plays(plan: PiecePlan, passage: Passage) -> bool:
    """Whether the melody has the passage; where nothing else could be heard it always has."""
    alone = not plan.has(PartRole.CHORDS) and not plan.has(PartRole.DRONE)
    if plan.style.genre is Genre.INDIAN and passage.is_intro:
        return True
    return alone or passage.theme != "-"


def melody_notes(plan: PiecePlan, player: Player) -> list[Note]:
    """The whole part."""
    notes: list[Note] = []
    for passage in plan.passages:
        if not lead_plays(plan, passage):
            continue
        reach = reach_of(player, passage.affect.valence)
        cells = melody_cells(plan, passage)
        before = notes[-1].pitch if notes else None
        for index, (bar, cell) in enumerate(zip(plan.bars_of(passage), cells, strict=True)):
            aim = _aim(reach, index, len(cells), passage)
            written = list(set_on(plan, bar, cell, aim, reach, before, passage))
            notes.extend(written)
            before = written[-1].pitch if written else before
    return notes


def _motifs(plan: PiecePlan, theme: str) -> tuple[Motif, Motif]:
    """The motif and its answer; both themes share the rhythm of one of theirs."""
    genre, beats = plan.style.genre, plan.grid.beats_per_bar
    main = drawn_motif(genre, beats, plan.chance("motif", "A"))
    if theme == "B":
        chance = plan.chance("motif", "B")
        main = drawn_motif(genre, beats, chance, like=main if chance.random() < 0.4 else None)
    return main, drawn_motif(genre, beats, plan.chance("answer", theme), like=main)


def melody_cells(plan: PiecePlan, passage: Passage) -> list[Motif | None]:
    """A motif, or nothing, for each bar of a passage."""
    size = passage.last - passage.first
    letters = plan.chance("phrase", passage.theme).choice(PHRASES[plan.style.genre])
    letters = (letters * (size // 8 + 1))[: size - 1] + "c" if size > 1 else "a"
    motif, answer = _motifs(plan, passage.theme)
    affect = passage.affect
    first = plan.passages[0].affect
    if affect.valence * first.valence < 0:
        motif = motif.inverted()
    chance = plan.chance("cells", passage.section, passage.theme)
    slow = affect.arousal < _SLOW_BELOW and chance.random() < 0.6
    slow = slow and plan.style.genre is not Genre.AMBIENT
    cells: list[Motif | None] = []
    for at, letter in enumerate(letters):
        if letter == "p":
            cells.append(_pakad(plan, passage, motif))
        elif slow and letter in "ab" and at + 1 < len(letters) and letters[at + 1] in "abf":
            cells.append((motif if letter == "a" else answer).augmented()[0])
        elif slow and at and letter in "abf" and letters[at - 1] in "ab":
            cells.append((motif if letters[at - 1] == "a" else answer).augmented()[1])
        else:
            cells.append(_cell(letter, motif, answer, chance))
    return cells


def _pakad(plan: PiecePlan, passage: Passage, motif: Motif) -> Motif:
    """The phrase that names the raga, in as even a rhythm as its length allows."""
    span = plan.span_at(plan.grid.bars[passage.first].start)
    phrase = RAGAS[span.numeral].pakad
    steps = tuple(
        steps_between(before, after, RAGAS[span.numeral].tones)
        for before, after in pairwise(phrase)
    )
    size = len(motif.rhythm)
    rhythm = ("x-" * len(phrase)).ljust(size, "-")[:size]
    return Motif(rhythm, steps, (plan.tonic + phrase[0]) % 12)


def _cell(letter: str, motif: Motif, answer: Motif, chance: Random) -> Motif | None:
    size = len(motif.rhythm)
    home = chance.choice(_CADENCE_RHYTHMS)[:size]
    return {
        "a": motif,
        "b": answer,
        "f": motif.fragment(),
        "i": motif.inverted(),
        "h": Motif("x---x-----------"[:size], (-1,)),
        "c": Motif(home, (-1,) * (home.count("x") - 1)),
    }.get(letter)


def _aim(reach: Reach, index: int, size: int, passage: Passage) -> float:
    """The line of a phrase: up to its climax at two thirds, and home again."""
    along = index / max(1, size - 1)
    bend = 0.75 * along if along < 2 / 3 else 0.5 + 1.5 * (along - 2 / 3)
    arch = math.sin(math.pi * bend)
    lift = 2.0 if passage.theme == "B" else 0.0
    return reach.middle - 3 + 6 * arch * (0.5 + passage.energy / 2) + lift


def set_on(
    plan: PiecePlan,
    bar: Bar,
    cell: Motif | None,
    aim: float,
    reach: Reach,
    before: int | None,
    passage: Passage,
) -> Iterator[Note]:
    """A motif upon the chords of its bar.

    Of all the places that it could start from, the one where it needs the fewest changes: tones
    of the chord on strong beats, near the line of the phrase, near the note before.
    """
    if cell is None:
        return
    places = list(in_bar(bar, cell.rhythm))
    if not places:
        return
    strong = [_is_strong(start - bar.start, bar) for start, _, _ in places]
    first = plan.span_at(places[0][0])
    begins = first.allowed if cell.start is None else {cell.start}
    starts = [p for p in range(reach.low, reach.high + 1) if p % 12 in begins]
    steps = [cell.steps[at % len(cell.steps)] if cell.steps else 0 for at in range(len(places) - 1)]
    lines = [_line(plan, start, steps, places) for start in starts]
    line = min(lines, key=lambda one: _price(plan, one, places, strong, aim, reach, before))
    legato = 0.98 if passage.affect.arousal < 0.5 else 0.86
    for (start, length, onset), wanted, on_beat in zip(places, line, strong, strict=True):
        span = plan.span_at(start)
        tones = span.chord.tones if on_beat else _bearable(span, onset.length)
        pitch = nearest(wanted, tones, reach.low, reach.high)
        velocity = loudness(_VELOCITY, passage.energy, 7 if on_beat else 0)
        yield Note(start, shortened(length, legato), pitch, velocity)


def _bearable(span: HarmonySpan, steps: int) -> Collection[int]:
    """What may sound off the beat; for long, nothing a semitone above a tone of the chord."""
    if steps < _LONG_STEPS:
        return span.allowed
    grating = {(tone + 1) % 12 for tone in span.chord.tones} - set(span.chord.tones)
    return span.allowed - grating


def _is_strong(offset: int, bar: Bar) -> bool:
    """The first and the third beat."""
    return offset % (2 * bar.beat) == 0


def _line(
    plan: PiecePlan, start: int, steps: Sequence[int], places: Sequence[tuple[int, int, object]]
) -> list[int]:
    line = [start]
    for step, (tick, _, _) in zip(steps, places[1:], strict=True):
        span = plan.span_at(tick)
        climbed = span.rising if step > 0 and span.rising else span.allowed
        line.append(stepped(line[-1], step, climbed))
    return line


def _price(
    plan: PiecePlan,
    line: Sequence[int],
    places: Sequence[tuple[int, int, object]],
    strong: Sequence[bool],
    aim: float,
    reach: Reach,
    before: int | None,
) -> float:
    price = _OFF_TARGET * abs(sum(line) / len(line) - aim)
    if before is not None:
        price += 0.3 * max(0, abs(line[0] - before) - 4)
    for pitch, on_beat, (tick, _, _) in zip(line, strong, places, strict=True):
        span = plan.span_at(tick)
        if on_beat and pitch % 12 not in span.chord.tones:
            price += _WRONG_TONE
        if pitch % 12 == span.dwelt_on:
            price -= _DWELLING * (1 + on_beat)
        if not reach.low <= pitch <= reach.high:
            price += _OUT_OF_REACH
    return price


def second_notes(plan: PiecePlan, player: Player) -> list[Note]:
    """A slow line under the melody: tones of the chord, two bars each, moving against it."""
    notes: list[Note] = []
    before = (player.low + player.high) / 2
    for passage in plan.passages:
        bars = plan.bars_of(passage)
        if passage.is_intro:
            bars = bars[len(bars) // 2 :]
        for bar in bars[:: 1 if passage.energy > 0.5 else 2]:
            for span in plan.spans_in(bar):
                drift = 2.5 * math.sin(bar.number * 0.7 + plan.tonic)
                tones = span.chord.tones[1:] or span.chord.tones
                pitch = nearest(before + drift, tones, player.low, player.high)
                velocity = loudness(64, passage.energy)
                notes.append(Note(span.start, span.length, pitch, velocity))
                before = 0.7 * pitch + 0.3 * (player.low + player.high) / 2
    return notes
