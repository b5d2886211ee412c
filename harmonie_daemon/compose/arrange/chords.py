"""The accompanying chords: held, broken, strummed or struck, as the style does it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from harmonie_daemon.compose.arrange.plan import HarmonySpan, Passage, PiecePlan
from harmonie_daemon.compose.arrange.rhythm import fitted, in_bar, loudness, shortened
from harmonie_daemon.compose.palettes import Player
from harmonie_daemon.compose.score import Note
from harmonie_daemon.compose.timing import Bar
from harmonie_daemon.domain.brief import Genre


@dataclass(frozen=True, slots=True)
class ChordFigure:
    """A way to play a chord for a bar.

    ``x`` strikes the whole chord, ``^`` all but its lowest voice, a digit one voice from below
    (``0``), counted on an octave higher beyond the top. A figure ``HELD`` lies from chord to
    chord.
    """

    pattern: str
    articulation: float = 0.95
    velocity: int = 74
    strum_steps: float = 0.0
    """How far the strings of one strum are apart, in steps."""


HELD = ChordFigure("x---------------", 1.0, 66)
_CALM: dict[Genre, tuple[ChordFigure, ...]] = {
    Genre.POP: (
        ChordFigure("x-------x-------", 0.97, 70),
        ChordFigure("0-2-3-2-0-2-3-2-", 1.0, 68),
        ChordFigure("0-----^-^-------", 0.97, 70),
        ChordFigure("0-1-2-3-4-3-2-1-", 1.0, 66),
    ),
    Genre.AMBIENT: (HELD,),
    Genre.INDIE: (
        ChordFigure("0-2-3-2-1-3-2-4-", 1.0, 74),
        ChordFigure("0-3-2-4-1-3-2-3-", 1.0, 74),
        ChordFigure("x-----x---x-x---", 0.9, 72, 0.14),
    ),
    Genre.RNB: (
        ChordFigure("x---------..^--.", 0.95, 68),
        ChordFigure("x--.^-----..^---", 0.95, 68),
        ChordFigure("..^-----..^--.^-", 0.9, 66),
    ),
    Genre.CINEMATIC: (HELD, ChordFigure("x-------^-------", 1.0, 68)),
    Genre.HIPHOP: (
        ChordFigure("x-----..^---....", 0.95, 70),
        ChordFigure("x--.....x-......", 0.9, 72),
        ChordFigure("x---------------", 0.98, 68),
        ChordFigure("x-..0-2-3-..^---", 0.95, 66),
    ),
    Genre.ELECTRONIC: (HELD, ChordFigure("x---------..^---", 0.95, 68)),
}
_DRIVEN: dict[Genre, tuple[ChordFigure, ...]] = {
    Genre.POP: (
        ChordFigure("x---x---x---x---", 0.8, 78),
        ChordFigure("x--^--^-x--^--^-", 0.8, 78),
        ChordFigure("x-x-x-x-x-x-x-x-", 0.7, 72),
        ChordFigure("x-..^-^-..^-^-..", 0.85, 78),
    ),
    Genre.AMBIENT: (HELD,),
    Genre.INDIE: (
        ChordFigure("x---x-x-..x-x-x-", 0.8, 80, 0.12),
        ChordFigure("x-x-x-x-x-x-x-x-", 0.75, 78, 0.1),
        ChordFigure("x--x--x-x--x--xx", 0.75, 78, 0.1),
    ),
    Genre.RNB: (
        ChordFigure("x--.^-..^--.^-..", 0.8, 74),
        ChordFigure("x-.^..^-..^..^-.", 0.7, 74),
    ),
    Genre.CINEMATIC: (
        ChordFigure("0-2-1-2-0-2-1-2-", 0.6, 78),
        ChordFigure("x-x-x-x-x-x-x-x-", 0.55, 74),
        ChordFigure("x--x--x-x--x--x-", 0.7, 78),
        ChordFigure("0121012101210121", 0.7, 70),
    ),
    Genre.HIPHOP: (
        ChordFigure("x-.x..x-...x....", 0.8, 76),
        ChordFigure("x---..x-....x---", 0.85, 74),
        ChordFigure("0-2-3-2-0-2-3-4-", 0.9, 70),
    ),
    Genre.ELECTRONIC: (
        ChordFigure("0123012301230123", 0.7, 72),
        ChordFigure("..x-..x-..x-..x-", 0.8, 80),
        ChordFigure("x--x--x-x--x--x-", 0.75, 80),
        ChordFigure("0213021302130214", 0.65, 72),
        ChordFigure("x-.x-.x-.x-.x-x-", 0.8, 78),
    ),
}
_DRIVEN_FROM = 0.5
_MANY_BARS = 260
"""Of ten minutes at a fast tempo, say; more busy bars would be more notes than we read again."""
_INTRO: dict[Genre, ChordFigure] = {
    Genre.INDIE: ChordFigure("0-2-3-2-1-3-2-4-", 1.0, 74),
    Genre.POP: ChordFigure("0-2-3-2-0-2-3-2-", 1.0, 66),
    Genre.HIPHOP: ChordFigure("x-----..^---....", 0.95, 66),
}


def figure_of(plan: PiecePlan, passage: Passage) -> ChordFigure:
    """How a passage plays its chords."""
    chance = plan.chance("chords", passage.theme)
    if passage.is_intro:
        return _INTRO.get(plan.style.genre, HELD)
    crowded = len(plan.grid.bars) > _MANY_BARS
    driven = passage.energy >= _DRIVEN_FROM and passage.theme != "-" and not crowded
    return chance.choice((_DRIVEN if driven else _CALM)[plan.style.genre])


def chord_notes(plan: PiecePlan, player: Player) -> list[Note]:
    """The whole part."""
    notes: list[Note] = []
    for passage in plan.passages:
        figure = figure_of(plan, passage)
        bars = plan.bars_of(passage)
        if figure is HELD:
            notes.extend(_held(plan, passage, bars))
            continue
        for bar in bars:
            notes.extend(_bar(plan, player, passage, bar, figure))
    return notes


def _held(plan: PiecePlan, passage: Passage, bars: Sequence[Bar]) -> Iterator[Note]:
    """From chord to chord; a chord that comes again lies on."""
    velocity = loudness(HELD.velocity, passage.energy)
    spans = [span for bar in bars for span in plan.spans_in(bar)]
    at = 0
    while at < len(spans):
        last = at
        while last + 1 < len(spans) and spans[last + 1].voicing == spans[at].voicing:
            last += 1
        length = spans[last].end - spans[at].start
        yield from (Note(spans[at].start, length, p, velocity) for p in spans[at].voicing)
        at = last + 1


def _bar(
    plan: PiecePlan, player: Player, passage: Passage, bar: Bar, figure: ChordFigure
) -> Iterable[Note]:
    for start, length, onset in in_bar(bar, fitted(figure.pattern, plan.grid.beats_per_bar)):
        span = plan.span_at(start)
        room = min(length, span.end - start)
        accent = 5 if onset.step % 8 == 0 else 0
        velocity = loudness(figure.velocity, passage.energy, accent)
        struck = _struck(span, onset.sign, player)
        down = onset.step % 4 == 0
        for string, pitch in enumerate(struck if down else reversed(struck)):
            delay = min(room // 2, round(string * figure.strum_steps * bar.step))
            held = shortened(room - delay, figure.articulation)
            yield Note(start + delay, held, pitch, velocity - 2 * (not down))


def _struck(span: HarmonySpan, sign: str, player: Player) -> tuple[int, ...]:
    match sign:
        case "x":
            return span.voicing
        case "^":
            return span.voicing[1:] or span.voicing
        case _:
            octaves, voice = divmod(int(sign), len(span.voicing))
            pitch = span.voicing[voice] + 12 * octaves
            return (pitch if pitch <= player.high else pitch - 12,)
