"""Drums: a groove for each theme, fills where a phrase ends, a crash where the next one begins."""

from __future__ import annotations

from collections.abc import Iterable
from random import Random

from harmonie_daemon.compose.arrange import drum_patterns as patterns
from harmonie_daemon.compose.arrange.drum_patterns import Groove
from harmonie_daemon.compose.arrange.plan import HarmonySpan, Passage, PiecePlan
from harmonie_daemon.compose.arrange.rhythm import fitted, in_bar, loudness
from harmonie_daemon.compose.palettes import Player
from harmonie_daemon.compose.score import Note
from harmonie_daemon.compose.theory import nearest
from harmonie_daemon.compose.timing import Bar
from harmonie_daemon.domain.brief import Genre

_MORE_FROM = 0.55
_CRASH_FROM = 0.5
_QUIET_BELOW = 0.3
"""Energy under which genres without a beat leave the drums out."""
_FAST_BPM = 150


def groove_of(plan: PiecePlan, theme: str) -> Groove:
    """The groove of a theme; the bass goes with its kick."""
    genre, chance = plan.style.genre, plan.chance("groove")
    if genre is Genre.ELECTRONIC and (plan.brief.bpm or 0) > _FAST_BPM:
        return patterns.FAST_BREAKS[0]
    table = patterns.GROOVES if plan.grid.beats_per_bar == 4 else patterns.WALTZES
    choices = table.get(genre) or patterns.GROOVES[Genre.POP]
    first = chance.choice(choices)
    second = chance.choice([one for one in choices if one is not first] or [first])
    return second if theme == "B" and chance.random() < 0.6 else first


def drums_play(plan: PiecePlan, passage: Passage) -> bool:
    """Whether there are drums in a passage; alone they always play."""
    if len(plan.players) == 1:
        return True
    if plan.style.has_beat:
        return not passage.is_intro
    return passage.energy >= _QUIET_BELOW and not passage.is_intro


def drum_notes(plan: PiecePlan, player: Player) -> list[Note]:
    """The whole part, of a kit or of drums with a pitch."""
    notes: list[Note] = []
    for passage in plan.passages:
        if not drums_play(plan, passage):
            continue
        write = _kit_bar if player.is_drums else _pitched_bar
        for bar in plan.bars_of(passage):
            notes.extend(write(plan, player, passage, bar))
    return notes


def _kit_bar(plan: PiecePlan, player: Player, passage: Passage, bar: Bar) -> Iterable[Note]:
    groove = groove_of(plan, passage.theme)
    chance = plan.chance("drums", bar.number)
    layers = list(groove.core)
    if passage.energy >= _MORE_FROM:
        layers += groove.more
    if passage.theme == "-":
        layers = [one for one in layers if one[0] not in (patterns.KICK, patterns.CLAP)]
    is_end = bar.number == passage.last - 1 and not passage.is_last
    fill = _fill(plan, passage, chance) if is_end else ()
    quiet_from = min((steps.find(s) for _, steps in fill for s in steps if s != "."), default=99)
    for pitch, steps in layers:
        played = _varied(steps, pitch, bar, passage, chance)
        for start, _, onset in in_bar(bar, fitted(played, plan.grid.beats_per_bar)):
            if onset.step < quiet_from or pitch == patterns.KICK:
                yield _hit(start, bar, pitch, onset.sign, passage.energy)
    for pitch, steps in fill:
        shift = fitted(steps[16 - 4 * plan.grid.beats_per_bar :], plan.grid.beats_per_bar)
        for start, _, onset in in_bar(bar, shift):
            yield _hit(start, bar, pitch, onset.sign, passage.energy)
    if bar.number == passage.first and passage.energy >= _CRASH_FROM and passage.number:
        yield _hit(bar.start, bar, patterns.CRASH, "x", passage.energy)


def _fill(plan: PiecePlan, passage: Passage, chance: Random) -> tuple[tuple[int, str], ...]:
    following = plan.passages[passage.number + 1]
    if following.affect.arousal > passage.affect.arousal + 0.15:
        return chance.choice(patterns.ROLLS)
    if plan.style.genre is Genre.HIPHOP:
        return ((patterns.CLOSED, chance.choice(patterns.HAT_ROLLS)),)
    if passage.energy < 0.4:
        return ((patterns.SNARE, "............g.go"),)
    return chance.choice(patterns.FILLS)


def _varied(steps: str, pitch: int, bar: Bar, passage: Passage, chance: Random) -> str:
    """Every fourth bar the bass drum has one stroke more; now and then a ghost on the snare."""
    index = bar.number - passage.first
    if pitch == patterns.KICK and index % 4 == 3 and len(steps) > 14 and steps[14] == ".":
        return f"{steps[:14]}o{steps[15:]}"
    if pitch == patterns.SNARE and index % 2 and chance.random() < 0.4:
        at = chance.choice((2, 7, 9, 10))
        if steps[at : at + 1] == ".":
            return f"{steps[:at]}g{steps[at + 1 :]}"
    return steps


def _hit(start: int, bar: Bar, pitch: int, sign: str, energy: float) -> Note:
    velocity = loudness(patterns.STROKES[sign], energy - 0.25)
    return Note(start, max(1, min(bar.step, bar.end - start)), pitch, velocity)


def _pitched_bar(plan: PiecePlan, player: Player, passage: Passage, bar: Bar) -> Iterable[Note]:
    """The tonic low down and the fifth above it, in figures of three and two."""
    chance = plan.chance("low drums", passage.theme)
    low = nearest(player.low + 3, {plan.tonic}, player.low, player.high)
    figures = chance.sample(patterns.LOW_HITS, 2)
    busy = passage.energy > 0.55
    figure = figures[busy and bar.number % 4 == 3]
    is_end = bar.number == passage.last - 1 and not passage.is_last
    if not busy:
        figure = ("X.......o.......", "..............o.") if bar.number % 2 else figures[0]
    if is_end and passage.energy > 0.4:
        figure = ("X..x..x.xxxxXXXX", "................")
    for is_upper, steps in enumerate(figure):
        for start, length, onset in in_bar(bar, fitted(steps, plan.grid.beats_per_bar)):
            velocity = loudness(patterns.STROKES[onset.sign], passage.energy - 0.2)
            ring = min(4 * bar.step, bar.end - start)
            pitch = _tuned(plan.span_at(start), low, player, is_upper=bool(is_upper))
            yield Note(start, max(length, ring), pitch, velocity)


def _tuned(span: HarmonySpan, low: int, player: Player, *, is_upper: bool) -> int:
    """The low drum is on the tonic unless the chord forbids it, the upper one on the chord."""
    if not is_upper and low % 12 in span.allowed:
        return low
    return nearest(low + 5 * is_upper, span.chord.tones, player.low, player.high)
