"""The form: where phrases begin, how the energy runs, when whose turn it is."""

from __future__ import annotations

import math

from harmonie_daemon.compose.affects import AFFECTS
from harmonie_daemon.compose.arrange.plan import Passage
from harmonie_daemon.compose.chance import chance_for
from harmonie_daemon.compose.styles import Style
from harmonie_daemon.compose.timing import Grid
from harmonie_daemon.domain.brief import Brief

_PHRASE = 8
"""Bars."""
_SHORT_PHRASE = 4
_INTRO_FROM_MS = 20_000
"""A first section this long has an introduction."""
_THEMES = ("AABA", "ABAB", "AAB-", "AB-A", "ABAB", "AAB-AB", "A-AB")
"""The order of themes from phrase to phrase, over again in long pieces; ``-`` is a break."""
_LEVELS = {"A": 0.0, "B": 0.08, "-": -0.22}
_FEW = 3
"""Phrases, the introduction among them, up to which a section keeps to one theme."""
LEAST_ENERGY_WITH_BEAT = 0.35


def passages_of(brief: Brief, seed: int, style: Style, grid: Grid) -> tuple[Passage, ...]:
    """The phrases of a piece, in order and without gaps."""
    chance = chance_for(seed, "form")
    order = chance.choice(_THEMES)
    passages: list[Passage] = []
    turn = 0
    for number, section in enumerate(brief.sections):
        bars = [bar for bar in grid.bars if bar.section == number]
        sizes = _sizes(brief, number, len(bars), style)
        for index, (size, is_intro) in enumerate(sizes):
            first = bars[0].number + sum(p.last - p.first for p in passages if p.section == number)
            theme = "-" if is_intro else order[turn % len(order)]
            if not is_intro and (len(sizes) <= _FEW or (theme == "-" and _borders(index, sizes))):
                theme = "A"
            turn += not is_intro
            along = (first - bars[0].number + size / 2) / len(bars)
            passages.append(
                Passage(
                    number=len(passages),
                    section=number,
                    first=first,
                    last=first + size,
                    emotion=section.emotion,
                    energy=_energy(AFFECTS[section.emotion].arousal, along, theme, style),
                    theme=theme,
                    is_intro=is_intro,
                    is_last=first + size == len(grid.bars),
                )
            )
    return tuple(passages)


def _borders(index: int, sizes: list[tuple[int, bool]]) -> bool:
    """No section begins or ends with a break."""
    return index in (0, len(sizes) - 1)


def _sizes(brief: Brief, section: int, bars: int, style: Style) -> list[tuple[int, bool]]:
    """How many bars each phrase of a section has, and whether it introduces the piece."""
    sizes: list[tuple[int, bool]] = []
    intro = max(1, min(style.intro_bars, bars // 4))
    long_enough = brief.sections[section].length_ms >= _INTRO_FROM_MS
    if section == 0 and not brief.looping and long_enough and bars >= intro + _SHORT_PHRASE:
        sizes.append((intro, True))
        bars -= intro
    while bars >= _PHRASE + _SHORT_PHRASE:
        sizes.append((_PHRASE, False))
        bars -= _PHRASE
    if bars > 0:
        sizes.append((bars, False))
    return sizes


def _energy(arousal: float, along: float, theme: str, style: Style) -> float:
    """Rises towards the middle of a section; themes lift it and breaks let it down."""
    energy = (0.2 + 0.8 * arousal) * (0.8 + 0.3 * math.sin(math.pi * along)) + _LEVELS[theme]
    floor = LEAST_ENERGY_WITH_BEAT if style.has_beat else 0.1
    return min(1.0, max(floor, energy))
