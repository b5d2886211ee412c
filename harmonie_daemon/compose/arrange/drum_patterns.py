"""Grooves: which drum is hit on which of the sixteen steps of a bar (twelve in three-four).

``X`` is an accent, ``x`` a stroke, ``o`` a lighter one, ``g`` a ghost note.
"""

from __future__ import annotations

from dataclasses import dataclass

from harmonie_daemon.domain.brief import Genre

KICK, RIM, SNARE, CLAP = 36, 37, 38, 39
CLOSED, PEDAL, OPEN = 42, 44, 46
CRASH, RIDE, SHAKER, TAMBOURINE, COWBELL = 49, 51, 82, 54, 56
LOW_TOM, MIDDLE_TOM, HIGH_TOM = 41, 45, 48
STROKES = {"X": 114, "x": 98, "o": 78, "g": 36}


@dataclass(frozen=True, slots=True)
class Groove:
    """What is always played, and what joins in with more energy."""

    core: tuple[tuple[int, str], ...]
    more: tuple[tuple[int, str], ...] = ()

    @property
    def kick(self) -> str:
        """The steps of the bass drum."""
        return next((steps for pitch, steps in self.core if pitch == KICK), "x...............")


GROOVES: dict[Genre, tuple[Groove, ...]] = {
    Genre.POP: (
        Groove(
            (
                (KICK, "X.....x.x......."),
                (SNARE, "....X.......X..."),
                (CLOSED, "x.o.x.o.x.o.x.o."),
                (TAMBOURINE, "..o...o...o...o."),
            ),
            ((CLAP, "....x.......x..."),),
        ),
        Groove(
            (
                (KICK, "X...x...X...x..."),
                (CLAP, "....X.......X..."),
                (CLOSED, "..x...x...x...x."),
                (SHAKER, "o.ooo.ooo.ooo.oo"),
            ),
            ((TAMBOURINE, "....x.......x..."),),
        ),
        Groove(
            (
                (KICK, "X..x..x...x....."),
                (SNARE, "....X.......X..g"),
                (CLOSED, "x.x.x.x.x.x.x.x."),
                (TAMBOURINE, "....o.......o..."),
            ),
            ((OPEN, "..............x."), (CLAP, "............x...")),
        ),
        Groove(
            (
                (KICK, "X.......x.x....."),
                (SNARE, "....X..g....X..."),
                (CLOSED, "xooxxooxxooxxoox"),
                (TAMBOURINE, "..o...o...o...o."),
            ),
            ((CLAP, "....x.......x..."),),
        ),
    ),
    Genre.INDIE: (
        Groove(
            ((KICK, "X...x...X.x....."), (SNARE, "....X.......X..."), (CLOSED, "x.x.x.x.x.x.x.x.")),
            ((OPEN, "..............x."),),
        ),
        Groove(
            ((KICK, "X.....x.X.....x."), (SNARE, "....X.......X..."), (RIDE, "x.o.x.o.x.o.x.o.")),
            ((TAMBOURINE, "....o.......o..."),),
        ),
        Groove(
            ((KICK, "X..x....X..x...."), (SNARE, "....X.......X.g."), (CLOSED, "x...x...x...x...")),
            ((SHAKER, "o.o.o.o.o.o.o.o."),),
        ),
        Groove(
            (
                (KICK, "X.......X......."),
                (SNARE, "....X..g.g..X..."),
                (LOW_TOM, "..x...x...x...x."),
                (CLOSED, "x...x...x...x..."),
            ),
            ((OPEN, "......x.......x."),),
        ),
    ),
    Genre.RNB: (
        Groove(
            (
                (KICK, "X..x......x..x.."),
                (SNARE, "....X.......X..."),
                (RIM, "..g....g.g....g."),
                (CLOSED, "x.oxx.o.x.oxx.o."),
            ),
            ((SHAKER, "o.ooo.ooo.ooo.oo"),),
        ),
        Groove(
            ((KICK, "X......x..x....."), (RIM, "....X.......X..."), (CLOSED, "xoxoxoxoxoxoxoxo")),
            ((OPEN, "......x........."),),
        ),
        Groove(
            ((KICK, "X.x.......x..x.."), (CLAP, "....X.......X..g"), (CLOSED, "x.x.x.xxx.x.x.x.")),
            ((RIM, ".......g..g....."),),
        ),
    ),
    Genre.HIPHOP: (
        Groove(
            ((KICK, "X..x......x....."), (SNARE, "....X.......X..."), (CLOSED, "x.x.x.x.x.x.x.x.")),
            ((OPEN, "..............x."),),
        ),
        Groove(
            ((KICK, "X.....x..xx....."), (SNARE, "....X..g....X..."), (CLOSED, "x.oxx.o.x.oxx.o.")),
            ((RIM, "..........g....g"),),
        ),
        Groove(
            ((KICK, "X.........x..x.."), (CLAP, "........X......."), (CLOSED, "xoxoxoxoxoxxxoxo")),
            ((OPEN, "......x........."), (SNARE, "...............g")),
        ),
        Groove(
            ((KICK, "X......x..x....."), (CLAP, "....X.......X..."), (CLOSED, "x.x.xxx.x.x.x.xx")),
            ((COWBELL, "..........o....."),),
        ),
    ),
    Genre.ELECTRONIC: (
        Groove(
            ((KICK, "X...X...X...X..."), (CLAP, "....X.......X..."), (OPEN, "..x...x...x...x.")),
            ((CLOSED, "xoxoxoxoxoxoxoxo"),),
        ),
        Groove(
            ((KICK, "X...X...X...X..."), (CLAP, "....x.......x..."), (CLOSED, "x.xxx.xxx.xxx.xx")),
            ((OPEN, "..x...x...x...x."), (RIM, "...o..o....o..o.")),
        ),
        Groove(
            ((KICK, "X...X...X...X.x."), (SNARE, "....X.......X..."), (CLOSED, "..x...x...x...x.")),
            ((SHAKER, "oooooooooooooooo"), (COWBELL, "...o......o.....")),
        ),
        Groove(
            ((KICK, "X.....x...x....."), (SNARE, "....X.......X..."), (CLOSED, "x.x.x.x.x.x.x.x.")),
            ((OPEN, "..............x."), (CLAP, "....x.......x...")),
        ),
    ),
}
WALTZES: dict[Genre, tuple[Groove, ...]] = {
    Genre.INDIE: (
        Groove(
            ((KICK, "X..........."), (SNARE, "....x...x..."), (CLOSED, "x.x.x.x.x.x.")),
            ((TAMBOURINE, "....o...o..."),),
        ),
        Groove(
            ((KICK, "X.....x....."), (RIM, "........X..."), (RIDE, "x...x.o.x...")),
        ),
    ),
}
FAST_BREAKS = (
    Groove(
        ((KICK, "X.........x....."), (SNARE, "....X..g.g..X..g"), (CLOSED, "x.x.x.x.x.x.x.x.")),
        ((RIDE, "x...x...x...x..."),),
    ),
)
"""For electronic music that was asked for faster than anybody walks."""

FILLS = (
    ((SNARE, "............xxXX"), (KICK, "............x...")),
    ((HIGH_TOM, "............xx.."), (LOW_TOM, "..............xX")),
    ((SNARE, "........x..x..xX"),),
    (
        (HIGH_TOM, "........xx......"),
        (MIDDLE_TOM, "..........xx...."),
        (LOW_TOM, "............xxxX"),
    ),
    ((CLAP, "............x.xx"), (SNARE, "..............XX")),
)
ROLLS = (((SNARE, "ggggggggooooxxXX"),), ((SNARE, "o...o...o.o.xxxX"),))
"""Into a section with more energy."""
HAT_ROLLS = ("x.x.x.x.xxxxxxxx", "xoxoxxxxxoxoxxxx")
"""At the end of a phrase, where hats count more than toms."""

LOW_HITS: tuple[tuple[str, str], ...] = (
    ("X..o..X..o..X.o.", "................"),
    ("X.....o.X.....oo", "....o.......o..."),
    ("X..x..x.X..x..x.", "......o.......o."),
    ("X.......X...o.o.", "..o...o...o....."),
    ("X.oox.oox.oox.oo", "...............o"),
)
"""Drums with a pitch, as taiko and timpani: the low tone, and the one a fifth above."""
