"""Twelve more styles, to fit with only: simple ones, over the whole range of tempi."""

from __future__ import annotations

from song_styles import CLAP, CLOSED_HAT, KICK, OPEN_HAT, RIDE, SHAKER, SNARE, STICK, Style

_BACKBEAT = ("....X.......X...",)
_EIGHTHS, _SIXTEENTHS = "x.o.x.o.x.o.x.o.", "x.oox.oox.oox.oo"
_BASSES, _GUITARS, _LEADS = (33, 34, 38), (27, 29, 4, 0), (80, 29, 66, 11)

FIT_STYLES = (
    Style(
        "slow rock", (62, 98), 4, 4,
        {
            KICK: ("X.......X.......", "X.......X.x.....", "X.x.....X.x....."),
            SNARE: _BACKBEAT, CLOSED_HAT: (_EIGHTHS, _SIXTEENTHS),
        },
        ("X.......X.......", "x.x.x.x.x.x.x.x.", "X..x....X..x...."),
        ("X...............", "X...x...X...x...", "x.x.x.x.x.x.x.x."),
        _BASSES, _GUITARS, _LEADS, chord_length=1.0,
    ),
    Style(
        "punk", (150, 205), 4, 4,
        {
            KICK: ("X.......X.......", "X.....x.X.......", "X...x...X...x..."),
            SNARE: _BACKBEAT, CLOSED_HAT: ("x.x.x.x.x.x.x.x.", "x...x...x...x..."),
        },
        ("x.x.x.x.x.x.x.x.", "x...x...x...x..."), ("x.x.x.x.x.x.x.x.", "X...x...X...x..."),
        _BASSES, (29, 30), _LEADS, chord_length=0.4,
    ),
    Style(
        "funk", (88, 118), 4, 4,
        {
            KICK: ("X.x...x...x..x..", "X..x..x...x....."),
            SNARE: ("....X..o.o..X..o", "....X.......X..o"), CLOSED_HAT: ("xoxoxoxoxoxoxoxo",),
        },
        ("X..x..x...x.x...", "X.xx....x..x...x"), ("..x..x....x..x..", "x..x..x.x..x..x."),
        _BASSES, (27, 28, 7), _LEADS, chord_length=0.2,
    ),
    Style(
        "metal", (108, 196), 4, 4,
        {
            KICK: ("x.x.x.x.x.x.x.x.", "xxxxxxxxxxxxxxxx", "X..xX..xX..xX..x"),
            SNARE: _BACKBEAT, RIDE: ("x...x...x...x...", "x.x.x.x.x.x.x.x."),
        },
        ("x.x.x.x.x.x.x.x.",), ("x.xxx.xxx.xxx.xx", "x.x.x.x.x.x.x.x.", "X.......X......."),
        (33, 34), (30, 29), (30,), chord_length=0.3,
    ),
    Style(
        "disco", (108, 130), 4, 4,
        {
            KICK: ("X...X...X...X...",), SNARE: _BACKBEAT,
            OPEN_HAT: ("..x...x...x...x.",), CLOSED_HAT: (_SIXTEENTHS, "x...x...x...x..."),
        },
        ("x.X.x.X.x.X.x.X.", "X..x..x.X..x..x."), ("..x...x...x...x.", "X.......X......."),
        _BASSES, (27, 48, 0), (48, 61, 56), chord_length=0.4,
    ),
    Style(
        "ska", (120, 168), 4, 2,
        {
            KICK: ("X...X...", "..X...X."),
            STICK: ("..X...X.",), CLOSED_HAT: ("x.x.x.x.", "xxxxxxxx"),
        },
        ("x.x.x.x.",), (".X.X.X.X",), _BASSES, (27, 16), (56, 66), chord_length=0.2, walks=True,
    ),
    Style(
        "soul ballad", (56, 84), 4, 4,
        {
            KICK: ("X.........x.....", "X......xX......."),
            STICK: _BACKBEAT, CLOSED_HAT: (_EIGHTHS, "x.x.x.x.x.x.x.x.", _SIXTEENTHS),
        },
        ("X.........x.....", "X......xX......."), ("X...............", "X.......x......."),
        _BASSES, (4, 0, 48), (66, 11), chord_length=2.5,
    ),
    Style(
        "techno", (124, 148), 4, 4,
        {
            KICK: ("X...X...X...X...",), CLAP: ("....X.......X...", "................"),
            OPEN_HAT: ("..x...x...x...x.",), SHAKER: ("oooooooooooooooo", "................"),
        },
        ("..x...x...x...x.", ".xxx.xxx.xxx.xxx"), ("x..x..x..x..x...", "................"),
        (38, 39, 87), (81, 90), (81, 80), chord_length=0.2,
    ),
    Style(
        "breakbeat", (118, 150), 4, 4,
        {
            KICK: ("X.x.......x.....", "X.....x...xx...."),
            SNARE: ("....X..o.o..X...", "....X.......X..o"), CLOSED_HAT: ("x.x.x.x.x.x.x.x.",),
        },
        ("X..x......x.....", "X.....x...x....."), ("X...............", "..x.....x......."),
        (38, 39), (81, 90, 4), (81, 80), chord_length=1.0,
    ),
    Style(
        "steppers", (64, 82), 4, 4,
        {
            KICK: ("X...X...X...X...",), STICK: ("........X.......", "....X.......X..."),
            CLOSED_HAT: ("x.xxx.xxx.xxx.xx", "x.x.x.x.x.x.x.x."),
        },
        ("X..x..x.....x.x.", "X.....x.X.x....."), ("..X...X...X...X.", "..Xx..Xx..Xx..Xx"),
        (33, 32), (27, 16, 28), (17, 56), chord_length=0.2,
    ),
    Style(
        "march", (96, 126), 4, 2,
        {KICK: ("X...X...", "X.x.X.x."), SNARE: ("..x...x.", "..xx..xx", "x.xxx.xx")},
        ("X...X...", "X.x.X.x."), ("..x...x.", ".x.x.x.x"), (58, 43), (61, 60), (56, 73),
    ),
    Style(
        "slow waltz", (76, 112), 3, 4,
        {KICK: ("X...........",), SNARE: ("....x...x...",), CLOSED_HAT: ("x.o.x.o.x.o.",)},
        ("X...........", "X.......x..."), ("....x...x...", "X..........."),
        (32, 33), (0, 24), (40, 73), chord_length=0.8,
    ),
)  # fmt: skip
