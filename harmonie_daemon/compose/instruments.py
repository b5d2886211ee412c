"""The 128 General MIDI programs: short names, what they are for, and what they can reach."""

from __future__ import annotations

from harmonie_daemon.domain.brief import Stem

_NAMES = (
    *("grand", "piano", "electric-grand", "honkytonk", "rhodes", "dx-piano", "harpsichord"),
    *("clavinet", "celesta", "glockenspiel", "musicbox", "vibes", "marimba", "xylophone"),
    *("bells", "dulcimer", "drawbar-organ", "jazz-organ", "rock-organ", "church-organ"),
    *("reed-organ", "accordion", "harmonica", "bandoneon", "nylon-guitar", "steel-guitar"),
    *("jazz-guitar", "clean-guitar", "muted-guitar", "overdriven-guitar", "distorted-guitar"),
    *("harmonics", "upright-bass", "fingered-bass", "picked-bass", "fretless-bass", "slap-bass"),
    *("pop-bass", "synth-bass", "acid-bass", "violin", "viola", "cello", "contrabass"),
    *("tremolo-strings", "pizzicato", "harp", "timpani", "strings", "slow-strings"),
    *("synth-strings", "soft-strings", "choir", "voice", "synth-voice", "orchestra-hit"),
    *("trumpet", "trombone", "tuba", "muted-trumpet", "horn", "brass", "synth-brass"),
    *("soft-brass", "soprano-sax", "alto-sax", "tenor-sax", "baritone-sax", "oboe"),
    *("english-horn", "bassoon", "clarinet", "piccolo", "flute", "recorder", "panflute"),
    *("bottle", "shakuhachi", "whistle", "ocarina", "square-lead", "saw-lead", "calliope"),
    *("chiff-lead", "charang", "voice-lead", "fifths-lead", "bass-lead", "newage-pad"),
    *("warm-pad", "polysynth", "choir-pad", "bowed-pad", "metal-pad", "halo-pad", "sweep-pad"),
    *("rain", "soundtrack", "crystal", "atmosphere", "brightness", "goblins", "echoes", "scifi"),
    *("sitar", "banjo", "shamisen", "koto", "kalimba", "bagpipe", "fiddle", "shehnai"),
    *("tinkle-bell", "agogo", "steel-drums", "woodblock", "taiko", "melodic-tom", "synth-drum"),
    *("reverse-cymbal", "fret-noise", "breath", "seashore", "bird", "telephone", "helicopter"),
    *("applause", "gunshot"),
)

DRUM_KITS = frozenset({0, 8, 16, 24, 25, 32, 40, 48})
"""Programs of the drum channel: standard, room, power, electronic, 808, jazz, brush, orchestra."""
_FAMILY_RANGES = (
    *((28, 103), (48, 96), (36, 96), (40, 88), (28, 67), (36, 96), (36, 96), (40, 84)),
    *((44, 88), (60, 96), (36, 96), (24, 96), (24, 96), (48, 84), (36, 84), (24, 96)),
)
"""Lowest and highest pitch of the sixteen families of eight, where no program differs."""

_OWN_RANGES = {
    **{4: (28, 96), 5: (28, 96), 6: (36, 89), 7: (36, 89), 8: (60, 103), 9: (72, 103)},
    **{10: (60, 103), 11: (53, 89), 12: (45, 96), 13: (65, 103), 14: (48, 79), 15: (50, 86)},
    **{32: (28, 62), 33: (28, 62), 34: (28, 62), 35: (28, 64), 38: (24, 64), 39: (24, 64)},
    **{40: (55, 96), 41: (48, 84), 42: (36, 77), 43: (28, 60), 46: (36, 96), 47: (36, 57)},
    **{52: (45, 79), 53: (45, 79), 54: (45, 79), 56: (55, 84), 57: (40, 72), 58: (28, 58)},
    **{59: (55, 84), 60: (41, 77), 64: (56, 88), 65: (49, 81), 66: (44, 76), 67: (37, 69)},
    **{
        68: (58, 88),
        69: (52, 81),
        70: (34, 72),
        71: (50, 88),
        72: (74, 103),
        77: (55, 88),
        78: (60, 78),
    },
    **{105: (48, 84), 109: (53, 79), 110: (55, 96), 111: (55, 86), 108: (53, 89)},
    **{87: (24, 72), 112: (60, 96), 113: (60, 84), 115: (48, 84), 116: (36, 72), 117: (36, 72)},
}

_FAMILY_STEMS = (
    *(Stem.CHORDS, Stem.MELODY, Stem.CHORDS, Stem.CHORDS, Stem.BASS, Stem.MELODY),
    *(Stem.CHORDS, Stem.MELODY, Stem.MELODY, Stem.MELODY, Stem.MELODY, Stem.CHORDS),
    *(Stem.CHORDS, Stem.MELODY, Stem.PERCUSSION, Stem.CHORDS),
)
_OWN_STEMS = {
    **{43: Stem.BASS, 44: Stem.CHORDS, 46: Stem.CHORDS, 47: Stem.PERCUSSION},
    **{58: Stem.BASS, 61: Stem.CHORDS, 87: Stem.BASS, 104: Stem.MELODY, 112: Stem.MELODY},
}


def program_name(program: int) -> str:
    """The short name of a General MIDI program (0 to 127)."""
    return _NAMES[program]


def program_range(program: int) -> tuple[int, int]:
    """The lowest and the highest pitch that a program plays well."""
    return _OWN_RANGES.get(program, _FAMILY_RANGES[program // 8])


def usual_stem(program: int, *, is_drums: bool = False) -> Stem:
    """What parts with this program are mostly for."""
    if is_drums:
        return Stem.PERCUSSION
    return _OWN_STEMS.get(program, _FAMILY_STEMS[program // 8])


_ROLES = {
    Stem.PERCUSSION: "percussion",
    Stem.CHORDS: "chords",
    Stem.BASS: "bass",
    Stem.MELODY: "melody",
}


def instrument_name(program: int, *, is_drums: bool = False, stem: Stem | None = None) -> str:
    """``role-instrument`` for a part that nobody has named."""
    if is_drums:
        return "percussion-kit"
    return f"{_ROLES[stem or usual_stem(program)]}-{_NAMES[program]}"
