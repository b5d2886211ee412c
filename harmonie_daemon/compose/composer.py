"""From a brief to a score: plan, parts, performance.

docs/composing.md tells how the pieces fit together.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from harmonie_daemon.compose.affects import AFFECTS
from harmonie_daemon.compose.arrange.bass import bass_notes
from harmonie_daemon.compose.arrange.chords import chord_notes
from harmonie_daemon.compose.arrange.continuity import without_holes
from harmonie_daemon.compose.arrange.drums import drum_notes
from harmonie_daemon.compose.arrange.ending import with_ending
from harmonie_daemon.compose.arrange.expression import bends_of, controls_of
from harmonie_daemon.compose.arrange.form import passages_of
from harmonie_daemon.compose.arrange.harmony import harmony_of, mode_of
from harmonie_daemon.compose.arrange.indian import answer_notes, tanpura_notes
from harmonie_daemon.compose.arrange.melody import melody_notes, second_notes
from harmonie_daemon.compose.arrange.performance import performed
from harmonie_daemon.compose.arrange.plan import HarmonySpan, Passage, PiecePlan
from harmonie_daemon.compose.arrange.raga import raga_harmony, ragas_of
from harmonie_daemon.compose.arrange.tala import tabla_notes
from harmonie_daemon.compose.arrange.transitions import with_transitions
from harmonie_daemon.compose.arrange.voicing import voiced
from harmonie_daemon.compose.chance import chance_for
from harmonie_daemon.compose.palettes import PartRole, Player, seated
from harmonie_daemon.compose.score import Note, Score, ScorePart
from harmonie_daemon.compose.styles import STYLES, Style
from harmonie_daemon.compose.theory import is_minor_mode
from harmonie_daemon.compose.timing import Grid, lay_out, slowing_down
from harmonie_daemon.domain.brief import (
    LONGEST_MS,
    SHORTEST_MS,
    Brief,
    Genre,
    MusicalKey,
    Stem,
)
from harmonie_daemon.domain.errors import BriefError

_SEED_BITS = 64
_TEMPO_SPREAD = 0.04
_AROUSAL_TEMPO = 0.06


@dataclass(frozen=True, slots=True)
class Composed:
    """A score with what it was made from, so that one can ask whether it keeps to it."""

    score: Score
    harmony: tuple[HarmonySpan, ...]
    passages: tuple[Passage, ...]


def compose(brief: Brief, seed: int) -> Score:
    """The piece that a brief and a seed (64 bits) stand for; always the same one.

    Raises:
        BriefError: its sections do not follow one another, its length is out of bounds, or
            nothing is left to play.
    """
    return composition(brief, seed).score


def composition(brief: Brief, seed: int) -> Composed:
    """The same with the chords and phrases that the score was written to."""
    _check(brief)
    plan = _plan(brief, chance_for(seed % 2**_SEED_BITS, brief.genre).getrandbits(_SEED_BITS))
    written = {player: _ARRANGERS[player.role](plan, player) for player in plan.players}
    joined = {player: with_transitions(plan, player, notes) for player, notes in written.items()}
    ended = {player: with_ending(plan, player, notes) for player, notes in joined.items()}
    whole = without_holes(plan, ended)
    parts = tuple(_part(plan, player, notes) for player, notes in whole.items())
    score = Score(
        title=brief.title,
        parts=parts,
        tempos=plan.grid.tempos,
        duration_ms=brief.duration_ms,
        sections=plan.grid.sections,
        key=_key(plan),
        beats_per_bar=plan.grid.beats_per_bar,
        looping=brief.looping,
    )
    return Composed(score, plan.harmony, plan.passages)


def _check(brief: Brief) -> None:
    if not SHORTEST_MS <= brief.duration_ms <= LONGEST_MS:
        raise BriefError(
            f"a piece lasts {SHORTEST_MS // 1000} to {LONGEST_MS // 1000} s,"
            f" not {brief.duration_ms / 1000:g}"
        )
    start = 0
    for section in brief.sections:
        if section.start_ms != start or section.length_ms <= 0:
            raise BriefError(f"a section has to begin at {start} ms and to last some time")
        start += section.length_ms
    if set(brief.without) >= set(Stem):
        raise BriefError("nothing is left to play; leave one of the stems in")


def _plan(brief: Brief, seed: int) -> PiecePlan:
    style = STYLES[brief.genre]
    chance = chance_for(seed, "piece")
    tonic = chance.randrange(12) if brief.key is None else brief.key.tonic
    metre = chance.choice(style.metres)
    players = seated(brief, chance_for(seed, "players"))
    if not players:
        raise BriefError(f"{brief.genre} has no other instruments; leave one of its stems in")
    grid = lay_out(brief, _bpm(brief, style, seed), metre)
    ends = not brief.looping and brief.bpm is None and style.slows_down and len(grid.bars) > 3
    grid = slowing_down(grid) if ends else grid
    passages = passages_of(brief, seed, style, grid)
    harmony = _harmony(brief, seed, style, grid, tonic, passages, players)
    return PiecePlan(brief, seed, style, grid, tonic, players, passages, harmony)


def _bpm(brief: Brief, style: Style, seed: int) -> float:
    """The style's tempo for the word, a little off it from piece to piece, livelier by feeling."""
    arousal = (
        sum(AFFECTS[section.emotion].arousal * section.length_ms for section in brief.sections)
        / brief.duration_ms
    )
    spread = chance_for(seed, "tempo").uniform(-_TEMPO_SPREAD, _TEMPO_SPREAD)
    return style.bpm_of(brief.tempo) * (1 + spread + _AROUSAL_TEMPO * (arousal - 0.5))


def _harmony(
    brief: Brief,
    seed: int,
    style: Style,
    grid: Grid,
    tonic: int,
    passages: tuple[Passage, ...],
    players: tuple[Player, ...],
) -> tuple[HarmonySpan, ...]:
    if brief.genre is Genre.INDIAN:
        return raga_harmony(grid, tonic, ragas_of(brief, seed))
    harmony = harmony_of(brief, seed, style, grid, tonic, passages)
    low, high = next(((p.low, p.high) for p in players if p.role is PartRole.CHORDS), (50, 78))
    return voiced(harmony, low, high, style.voices)


_ARRANGERS: dict[PartRole, Callable[[PiecePlan, Player], list[Note]]] = {
    PartRole.DRUMS: drum_notes,
    PartRole.TALA: tabla_notes,
    PartRole.CHORDS: chord_notes,
    PartRole.DRONE: tanpura_notes,
    PartRole.BASS: bass_notes,
    PartRole.LEAD: melody_notes,
    PartRole.SECOND: second_notes,
    PartRole.ANSWER: answer_notes,
}


def _part(plan: PiecePlan, player: Player, notes: list[Note]) -> ScorePart:
    played = performed(plan, player, notes)
    return ScorePart(
        name=player.name,
        stem=player.stem,
        notes=played,
        program=player.program,
        is_drums=player.is_drums,
        voice=player.voice,
        controls=controls_of(plan, player, played),
        bends=bends_of(plan, player, played),
        pan=player.pan,
        level_db=player.level_db,
    )


def _key(plan: PiecePlan) -> MusicalKey:
    """The key of the feeling that lasts longest."""
    if plan.brief.key is not None:
        return plan.brief.key
    section = max(plan.brief.sections, key=lambda one: one.length_ms)
    if plan.brief.genre is Genre.INDIAN:
        minor = ragas_of(plan.brief, plan.seed)[plan.brief.sections.index(section)].is_minor
    else:
        minor = is_minor_mode(mode_of(section.emotion, None, plan.seed))
    return MusicalKey(plan.tonic, "minor" if minor else "major")
