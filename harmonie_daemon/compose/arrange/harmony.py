"""The chords: progressions for each theme, cadences at the ends of phrases, colour on top."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from harmonie_daemon.compose.affects import AFFECTS
from harmonie_daemon.compose.arrange import progressions
from harmonie_daemon.compose.arrange.plan import HarmonySpan, Passage
from harmonie_daemon.compose.chance import chance_for
from harmonie_daemon.compose.styles import Style
from harmonie_daemon.compose.theory import (
    Chord,
    chord_of,
    coloured,
    is_minor_mode,
    pitch_classes,
    scale_under,
)
from harmonie_daemon.compose.timing import Bar, Grid
from harmonie_daemon.domain.brief import Brief, Emotion, Genre, MusicalKey

_SECONDARY_DOMINANTS = {"ii": "VI7", "vi": "III7"}
_SECONDARY_SHARE = 0.15
_BORROWED_SHARE = 0.15


@dataclass(frozen=True, slots=True)
class _Section:
    """What the chords of a section are drawn from."""

    emotion: Emotion
    mode: str
    scale: frozenset[int]
    by_theme: dict[str, tuple[str, ...]]


def mode_of(emotion: Emotion, key: MusicalKey | None, seed: int) -> str:
    """The scale of a section: what suits its feeling; a key that was asked for is taken plainly."""
    if key is not None and key.mode == "major":
        return "major"
    if key is not None:
        return "harmonic minor" if "harmonic minor" in AFFECTS[emotion].modes[:1] else "aeolian"
    modes = AFFECTS[emotion].modes
    chance = chance_for(seed, "mode", emotion)
    return modes[0] if len(modes) == 1 or chance.random() < 0.65 else modes[1]


def harmony_of(
    brief: Brief,
    seed: int,
    style: Style,
    grid: Grid,
    tonic: int,
    passages: Sequence[Passage],
) -> tuple[HarmonySpan, ...]:
    """The chords of a piece, in order and without gaps; the voicings are still open."""
    chance = chance_for(seed, "harmony")
    thirds = chance.choice(style.thirds)
    bars_per_chord = chance.choice(style.bars_per_chord)
    sections = _sections(brief, seed, style, tonic)
    numerals: list[str] = []
    for passage in passages:
        section = sections[passage.section]
        phrase = _numerals(passage, section, bars_per_chord)
        _pause(phrase, passage, section, seed)
        numerals.extend(phrase)
    _end(numerals, [sections[bar.section].mode for bar in grid.bars], seed, looping=brief.looping)
    return tuple(
        span
        for bar, numeral in zip(grid.bars, numerals, strict=True)
        for span in _spans(bar, numeral, sections[bar.section], tonic, thirds)
    )


def _sections(brief: Brief, seed: int, style: Style, tonic: int) -> list[_Section]:
    """Progressions for each section; two neighbours never begin with the same one."""
    sections: list[_Section] = []
    for number, asked in enumerate(brief.sections):
        chance = chance_for(seed, "progressions", number)
        mode = mode_of(asked.emotion, brief.key, seed)
        pool = list(_pool(style.genre, asked.emotion, mode))
        before = " ".join(sections[-1].by_theme["A"]) if sections else ""
        first = chance.choice([one for one in pool if one != before])
        second = chance.choice([one for one in pool if one != first])
        if brief.looping and number == 0 and first.split()[0] not in ("I", "i"):
            first = chance.choice([one for one in pool if one.split()[0] in ("I", "i")])
        by_theme = {"A": tuple(first.split()), "B": tuple(second.split())}
        by_theme["-"] = by_theme["A"]
        sections.append(_Section(asked.emotion, mode, pitch_classes(mode, tonic), by_theme))
    return sections


def _pool(genre: Genre, emotion: Emotion, mode: str) -> Sequence[str]:
    """The style's own in a plain mode; in a special one, what that is known for twice as often."""
    own = progressions.MINOR if is_minor_mode(mode) else progressions.MAJOR
    feelings = [
        one
        for one in progressions.FEELINGS.get(emotion, ())
        if any(chord in one.split() for chord in (("i",) if is_minor_mode(mode) else ("I",)))
    ]
    special = progressions.MODES.get(mode, ())
    if mode in ("lydian", "phrygian"):
        return (*special, *feelings)
    return (*own[genre], *special, *special, *feelings)


def _numerals(passage: Passage, section: _Section, bars_per_chord: int) -> list[str]:
    bars = passage.last - passage.first
    progression = section.by_theme[passage.theme]
    if len(progression) * bars_per_chord > max(bars, 2):
        bars_per_chord = 1
    return [progression[bar // bars_per_chord % len(progression)] for bar in range(bars)]


def _pause(phrase: list[str], passage: Passage, section: _Section, seed: int) -> None:
    """Half a cadence at the end of a phrase that another one follows, mostly."""
    if len(phrase) < 4 or passage.is_intro:
        return
    chance = chance_for(seed, "pause", passage.section, passage.theme)
    if chance.random() < 0.6:
        phrase[-1] = chance.choice(progressions.HALF_CADENCES[section.mode])
    _borrow(phrase, section, seed, passage)


def _end(numerals: list[str], modes: list[str], seed: int, *, looping: bool) -> None:
    """The last bars: a cadence and the tonic; in a loop what leads to its first bar."""
    chance = chance_for(seed, "cadence")
    if looping:
        numerals[-1] = chance.choice(progressions.HALF_CADENCES[modes[-1]])
        return
    before, last = chance.choice(progressions.CADENCES[modes[-1]])
    if len(numerals) > 4:
        numerals[-3] = before
    if len(numerals) > 2:
        numerals[-2] = last
    elif len(numerals) == 2:
        numerals[-2] = f"{_tonic(modes[-2])}/{last}"
    numerals[-1] = _tonic(modes[-1])


def _tonic(mode: str) -> str:
    return "i" if is_minor_mode(mode) else "I"


def _borrow(numerals: list[str], section: _Section, seed: int, passage: Passage) -> None:
    """Now and then a dominant of what follows, or the minor fourth in a wistful major."""
    chance = chance_for(seed, "borrowed", passage.section, passage.theme)
    for at in range(1, len(numerals) - 1):
        following = _SECONDARY_DOMINANTS.get(numerals[at + 1])
        if following and section.mode == "major" and chance.random() < _SECONDARY_SHARE:
            numerals[at] = following
        elif numerals[at] == "IV" and section.mode == "major":
            wistful = AFFECTS[section.emotion].valence < 0.55
            if wistful and chance.random() < _BORROWED_SHARE:
                numerals[at] = "iv"


def _spans(bar: Bar, numeral: str, section: _Section, tonic: int, thirds: int) -> list[HarmonySpan]:
    halves = numeral.split("/")
    spans = []
    for number, one in enumerate(halves):
        start = bar.start + bar.length * number // len(halves)
        end = bar.start + bar.length * (number + 1) // len(halves)
        chord = _coloured(chord_of(one, tonic), section, thirds)
        allowed = scale_under(chord, section.scale)
        if end > start:
            spans.append(HarmonySpan(start, end - start, chord, section.scale, allowed, one))
    return spans


def _coloured(chord: Chord, section: _Section, thirds: int) -> Chord:
    """Bright and stirring feelings have plainer chords than the style would."""
    affect = AFFECTS[section.emotion]
    plainer = affect.arousal > 0.8 or (affect.tension > 0.7 and thirds > 1)
    return coloured(chord, section.scale, thirds=max(0, thirds - plainer))
