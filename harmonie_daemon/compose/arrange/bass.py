"""The bass: roots and fifths in the rhythm of the style, and a step into the next chord.

In patterns ``R`` is the root, ``5`` the fifth, ``8`` the octave, ``3`` the third, ``a`` the tone
that leads into the next root, ``K`` a root wherever the bass drum is.
"""

from __future__ import annotations

from collections.abc import Iterable

from harmonie_daemon.compose.arrange.drums import drums_play, groove_of
from harmonie_daemon.compose.arrange.plan import HarmonySpan, Passage, PiecePlan
from harmonie_daemon.compose.arrange.rhythm import fitted, in_bar, loudness, shortened
from harmonie_daemon.compose.palettes import Player
from harmonie_daemon.compose.score import Note
from harmonie_daemon.compose.theory import nearest, stepped
from harmonie_daemon.compose.timing import Bar
from harmonie_daemon.domain.brief import Emotion, Genre

WITH_KICK = "K"
_CALM: dict[Genre, tuple[str, ...]] = {
    Genre.POP: ("R-------5-----a-", "R-----R-R-------", "R---------5-----"),
    Genre.AMBIENT: ("R---------------", "R-------5-------", "R---------------"),
    Genre.INDIE: ("R-------R-----5-", "R-----5-R-----a-", "R---5---8---5---"),
    Genre.RNB: ("R-----.R--5-.a--", "R---------.R.5a-", "R--.R-------.8a-", WITH_KICK),
    Genre.CINEMATIC: ("R---------------", "R-------R-------", "R-----------5---"),
    Genre.HIPHOP: ("R---------.R----", "R-----..R-----a-", "R--.......R--5--", WITH_KICK),
    Genre.ELECTRONIC: ("..R-..R-..R-..R-", "R---------------", "R-....R-..R-...."),
}
_DRIVEN: dict[Genre, tuple[str, ...]] = {
    Genre.POP: ("R-R-R-R-R-R-R-a-", "R-.R.R-.R-.R.Ra-", WITH_KICK),
    Genre.AMBIENT: ("R-------5-------",),
    Genre.INDIE: ("R-R-R-R-R-R-R-a-", "R-R-R-R-5-5-8-a-", "R---R-R-R---R-a-"),
    Genre.RNB: ("R--R..8-..R-5-a-", "R-.8.R-.R-.5.8a-", WITH_KICK),
    Genre.CINEMATIC: ("R-R-R-R-R-R-R-R-", "R--R--R-R--R--R-", "R-------R-------"),
    Genre.HIPHOP: (WITH_KICK, "R-----R--..R---a"),
    Genre.ELECTRONIC: (
        "..R-..R-..R-..8-",
        ".RRR.RRR.RRR.RR8",
        "R-8-R-8-R-8-R-8-",
        "RRRRRRRRRRRRRRRR",
    ),
}
_DRIVEN_FROM = 0.5
_VELOCITY = 92
_ARTICULATION = {Genre.ELECTRONIC: 0.7, Genre.POP: 0.9, Genre.INDIE: 0.85}


def bass_notes(plan: PiecePlan, player: Player) -> list[Note]:
    """The whole part."""
    notes: list[Note] = []
    for passage in plan.passages:
        for bar in plan.bars_of(passage):
            notes.extend(_bar(plan, player, passage, bar))
    return notes


def _pattern(plan: PiecePlan, passage: Passage) -> str:
    chance = plan.chance("bass", passage.theme.replace("-", "A"))
    if passage.is_intro or passage.theme == "-":
        return "R---------------"
    table = _DRIVEN if passage.energy >= _DRIVEN_FROM else _CALM
    choices = table[plan.style.genre]
    if not drums_play(plan, passage):
        return chance.choice([one for one in choices if one != WITH_KICK])
    kick = groove_of(plan, passage.theme).kick
    locked = "".join("R" if sign in "Xxo" else "-" for sign in kick)
    drawn = chance.sample(choices, min(2, len(choices)))
    return max(
        (locked if one == WITH_KICK else one for one in drawn), key=lambda one: _locked(one, kick)
    )


def _locked(pattern: str, kick: str) -> float:
    """The share of the bass drum's strokes that the bass goes with."""
    strokes = [step for step, sign in enumerate(kick) if sign in "Xxo"]
    return sum(pattern[step] not in ".-" for step in strokes) / len(strokes)


def _bar(plan: PiecePlan, player: Player, passage: Passage, bar: Bar) -> Iterable[Note]:
    pattern = fitted(_pattern(plan, passage), plan.grid.beats_per_bar)
    articulation = _ARTICULATION.get(plan.style.genre, 0.97)
    for start, length, onset in in_bar(bar, pattern):
        span = plan.span_at(start)
        pitch = _pitch(plan, player, passage, span, onset.sign, start)
        held = articulation if onset.length <= 4 else 0.98
        accent = 6 if onset.step % 8 == 0 else 0
        velocity = loudness(_VELOCITY, passage.energy, accent)
        yield Note(start, shortened(length, held), pitch, velocity)


def root_of(player: Player, root: int) -> int:
    """Where the bass plays a root: as low as it is clear, so that lines stay together."""
    return nearest(player.low + 6, {root}, player.low, max(player.high, player.low + 12))


def _pitch(
    plan: PiecePlan, player: Player, passage: Passage, span: HarmonySpan, sign: str, start: int
) -> int:
    root = root_of(player, span.chord.root)
    if passage.emotion is Emotion.TENSE and passage.theme == "A" and sign != "a":
        pedal = root_of(player, plan.tonic)
        if pedal % 12 in span.chord.tones:
            return pedal
    high = max(player.high, player.low + 12)
    fifth = next((one for one in (7, 6, 8) if one in span.chord.intervals), 0)
    match sign:
        case "5":
            return root + fifth if root + fifth <= high else root + fifth - 12
        case "8":
            return root + 12 if root + 12 <= high else root
        case "a":
            return _approach(plan, player, span, root)
        case _:
            return root


def _approach(plan: PiecePlan, player: Player, span: HarmonySpan, root: int) -> int:
    """The step of the scale just under or over the next root, from the side the line comes from."""
    following = plan.span_at(min(span.end, plan.grid.end - 1))
    aim = root_of(player, following.chord.root)
    step = stepped(aim, 1 if root > aim else -1, span.allowed)
    return step if player.low <= step <= player.high else root
