"""Eight styles as rows of steps: what a drum kit, a bass and chords play in one bar.

In a row, ``X`` is an accent, ``x`` a plain hit, ``o`` a soft one, ``.`` nothing. Every row of a
style has as many steps as its bar. Of several rows of a part a song takes one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

KICK, STICK, SNARE, CLAP, CLOSED_HAT, PEDAL_HAT, OPEN_HAT, CRASH, RIDE, SHAKER, TOM = (
    36, 37, 38, 39, 42, 44, 46, 49, 51, 70, 47,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Style:
    """What makes a style: its tempo, its metre, its patterns and its instruments."""

    name: str
    bpm_range: tuple[float, float]
    beats: int
    """In a bar; the tempo counts these."""
    steps: int
    """In a beat."""
    drums: Mapping[int, tuple[str, ...]]
    bass: tuple[str, ...]
    chords: tuple[str, ...]
    bass_programs: tuple[int, ...]
    """Of General MIDI, as are the following."""
    chord_programs: tuple[int, ...]
    lead_programs: tuple[int, ...]
    swing: float = 0.5
    """Where the second of two steps falls between its neighbours."""
    chord_length: float = 0.5
    """Of a chord, in beats."""
    walks: bool = False
    """Whether the bass moves through the chord instead of staying on its root."""


STYLES = (
    Style(
        "rock", (96, 156), 4, 4,
        {
            KICK: ("X.......X.x.....", "X.....x.X.......", "X.x.....X.......", "X......xX.x....."),
            SNARE: ("....X.......X...",),
            CLOSED_HAT: ("x.o.x.o.x.o.x.o.", "x...x...x...x..."),
        },
        ("x.x.x.x.x.x.x.x.", "x..x..x.x..x..x."),
        ("X...x.x.X...x.x.", "X.......X.x.....", "x.x.x.x.x.x.x.x."),
        (33, 34), (29, 30, 27), (29, 25, 80),
    ),
    Style(
        "house", (118, 132), 4, 4,
        {
            KICK: ("X...X...X...X...",),
            CLAP: ("....X.......X...",),
            OPEN_HAT: ("..x...x...x...x.",),
            CLOSED_HAT: ("x.oox.oox.oox.oo", "oooooooooooooooo", "................"),
        },
        ("..x...x...x...x.", "x..x..x...x..x..", "..xx..xx..xx..xx"),
        ("..x..x....x..x..", "x..x..x.....x...", "..X...x...X...x."),
        (38, 39), (81, 4, 50), (81, 11, 80), chord_length=0.3,
    ),
    Style(
        "drum and bass", (166, 180), 4, 4,
        {
            KICK: ("X.........X.....", "X.x.......X.....", "X......x..X....."),
            SNARE: ("....X.......X...", "....X..o.o..X...", "....X..o....X..o"),
            CLOSED_HAT: ("x.x.x.x.x.x.x.x.", "x.o.x.oox.o.x.oo"),
        },
        ("X...........x...", "X.....x...x.....", "X..x......x....."),
        ("X...............", "X.........X.....", "..........x....."),
        (38, 39, 87), (89, 90, 4), (81, 11, 54), chord_length=2.0,
    ),
    Style(
        "reggae", (64, 88), 4, 4,
        {
            KICK: ("........X.......", "X.......X.......", "..x.....X......."),
            STICK: ("........X.......", "........X.....x."),
            CLOSED_HAT: ("x.x.x.x.x.x.x.x.", "x.xxx.xxx.xxx.xx"),
        },
        ("X..x..x.....x.x.", "....x.x.X..x....", "X.....x.X.x....."),
        ("..X...X...X...X.", "..Xx..Xx..Xx..Xx"),
        (33, 32), (27, 16, 28), (17, 56, 27), chord_length=0.2,
    ),
    Style(
        "waltz", (90, 184), 3, 2,
        {
            KICK: ("X.....",),
            SNARE: ("..o.o.", "..x.x.", "......"),
            RIDE: ("x.x.x.", "x.o.ox"),
        },
        ("X.....", "X...x."),
        ("..x.x.", "..x.o."),
        (32, 43), (0, 24, 48), (40, 73, 21), chord_length=0.6,
    ),
    Style(
        "swing", (112, 208), 4, 2,
        {
            RIDE: ("x.xxx.xx", "x.x.x.xx"),
            PEDAL_HAT: ("..x...x.",),
            KICK: ("o.o.o.o.", "......o.", "x......."),
            SNARE: (".......o", "...o....", "........"),
        },
        ("x.x.x.x.",),
        ("X..x....", "...x...x", "x......x"),
        (32,), (0, 26), (66, 56, 11), swing=0.65, chord_length=0.4, walks=True,
    ),
    Style(
        "hip hop", (80, 102), 4, 4,
        {
            KICK: ("X......x..X.....", "X.x.......X..x..", "X.....xx..X....."),
            SNARE: ("....X.......X...",),
            CLOSED_HAT: ("x.x.x.x.x.x.x.x.", "x.xxx.x.x.xxx.x."),
        },
        ("X......x..x.....", "X.........x..x..", "X.x.....X......."),
        ("X...............", "X.....x.........", "..x.......x....."),
        (38, 33), (4, 0, 5), (11, 73, 80), swing=0.58, chord_length=1.5,
    ),
    Style(
        "bossa nova", (112, 148), 4, 2,
        {
            KICK: ("x..xx..x",),
            STICK: ("x..x..x.", "x..x...x", "..x..x.."),
            SHAKER: ("xoxoxoxo",),
        },
        ("X..xx..x", "X..x...."),
        ("x..x..x.", "x.x..x.x", "..x..x.."),
        (32,), (24, 0), (73, 66, 11), chord_length=0.4,
    ),
)  # fmt: skip
