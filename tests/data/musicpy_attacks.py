"""Programs that mean harm, each refused with a line and a reason; and those that only look so.

Reconstructed from descriptions of what was tried against evaluators of this kind, and added to.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Attack:
    """A program, and how it is refused."""

    name: str
    code: str
    line: int
    """The one that is named."""
    reason: str
    """A pattern for the reason."""


LEGAL = "result = C('Dm7', 4) % (1, 0)"
FIRST_LIST = (
    Attack("import os", "import os\nresult = os.getcwd()", 1, "has no import"),
    Attack("from os import", f"{LEGAL}\nfrom os import system", 2, "has no import but"),
    Attack("socket", "import socket\nresult = socket.socket()", 1, "has no import"),
    Attack("subprocess", f"\n\nimport subprocess\n{LEGAL}", 3, "has no import"),
    Attack("ctypes", f"import ctypes as c\n{LEGAL}", 1, "has no import"),
    Attack(
        "os by the star",
        "from musicpy import *\nx = os.getcwd()\nresult = chord(x)",
        2,
        "there is no os",
    ),
    Attack("os of musicpy", "x = mp.os.system('id > /tmp/harmonie-was-here')", 1, "there is no mp"),
    Attack("open to read", "result = chord(open('/etc/passwd').read())", 1, "no function open"),
    Attack("open to write", "x = 1\nopen('/tmp/harmonie-was-here', 'w')", 2, "no function open"),
    Attack("eval", "result = eval('1')", 1, "no function eval"),
    Attack("exec", "exec('import os')", 1, "no function exec"),
    Attack("__import__", "x = __import__('os')", 1, "begin with _"),
    Attack("subclasses", "x = ().__class__.__base__.__subclasses__()", 1, "begin with _"),
    Attack("getattr", "x = getattr(C('C'), '__class__')", 1, "no function getattr"),
    Attack("format", "x = '{0.__class__}'.format(C('C'))", 1, "has no format"),
    Attack("f-string", "x = 1\ny = f'{x!r}'", 2, "no f-strings"),
    Attack("lambda", "x = lambda: 1", 1, "no lambda"),
    Attack("def", f"def f():\n    return 1\n{LEGAL}", 1, "no def"),
    Attack("class", f"class A:\n    pass\n{LEGAL}", 1, "no class"),
    Attack("async", "async def f():\n    pass", 1, "no async def"),
    Attack("global", "global x\nx = 1", 1, "no global"),
    Attack("walrus", "x = (y := 1)", 1, "no :="),
    Attack(
        "try hiding", f"try:\n    x = 1 / 0\nexcept ValueError:\n    pass\n{LEGAL}", 1, "no try"
    ),
    Attack("raise SystemExit", "raise SystemExit", 1, "no raise"),
    Attack("while True", "x = 1\nwhile True:\n    pass", 2, "no while"),
    Attack(
        "16 million steps",
        "for i in range(4000):\n    for j in range(4000):\n        pass",
        3,
        "too much work",
    ),
    Attack("tower of powers", "x = 9 ** 9 ** 9", 1, "exponent is larger"),
    Attack("squaring", "x = 10\nfor i in range(99):\n    x = x * x", 3, "a number is larger"),
    Attack("a list of 10⁹", "x = [0] * 10 ** 9", 1, "longer than"),
    Attack("a text of 10¹⁰", "x = 'a' * 10 ** 10", 1, "longer than"),
    Attack("chord * 10⁸", "x = C('C')\nresult = x * 100000000", 2, "behind \\* must be"),
    Attack(
        "doubling", "x = C('C')\nfor i in range(64):\n    x = x | x\nresult = x", 3, "notes|work"
    ),
    Attack(
        "write",
        f"{LEGAL}\nwrite(result, name='/tmp/harmonie-was-here.mid')",
        2,
        "no function write",
    ),
    Attack("read", "result = read('/etc/passwd')", 1, "no function read"),
    Attack("play", f"{LEGAL}\nplay(result)", 2, "no function play"),
    Attack("play as a method", f"{LEGAL}\nresult.play()", 2, "has no play"),
    Attack("fork bomb", "import os\nwhile True:\n    os.fork()", 1, "has no"),
    Attack("reading address 0", "import ctypes\nctypes.string_at(0)", 1, "has no import"),
    Attack("kill the parent", "x = 1\nos.kill(os.getppid(), 9)", 2, "there is no os"),
    Attack("stdout spoof", "print('{\"ok\": true}')", 1, "no function print"),
    Attack("3000 parentheses", f"x = {'(' * 3000}1{')' * 3000}", 1, "no Python|too deeply"),
    Attack("20 000 minus signs", f"x = {'-' * 20_000}1", 1, "too deeply|no Python"),
    Attack("NUL byte", f"{LEGAL}\nx = 1\0", 2, "NUL"),
    Attack("240 KB of source", "x = 1\n" * 40_000, 30_001, "too long"),
    Attack("a name for another", "x = 1\nC = range", 2, "is a function"),
    Attack("a name of a function", "x = 1\nC = 5", 2, "C is a function"),
    Attack("result of a wrong kind", "x = 1\nresult = [1, 2]", 2, "must be a piece"),
    Attack("no result", "x = C('C')", 1, "nothing is called 'result'"),
    Attack("** of a dictionary", "x = C('C', **{'__class__': 1})", 1, "has no"),
    Attack("bpm 0", "x = C('C')\nresult = piece([x], [1], bpm=0)", 2, "bpm of piece must be"),
    Attack("start at 10¹⁵", "result = chord('C4', start_time=10 ** 15)", 1, "larger than"),
    Attack("negative duration", "result = note('C', 4, -1)", 1, "duration of note must be"),
    Attack("duration of no number", "x = 1e400\nresult = note('C', 4, x - x)", 1, "larger than"),
    Attack("instrument 999", "result = track(C('C'), 999)", 1, "instrument of track must be"),
)
SECOND_LIST = (
    Attack("a list of 10⁶", "x = [0] * 1000000", 1, "longer than"),
    Attack("a list by steps", "x = 1000\ny = [0] * x * x * x", 2, "longer than"),
    Attack("a text of notes", "result = chord('C4,' * 900000)", 1, "longer than"),
    Attack("class of a chord", "x = C('C').__class__", 1, "begin with _"),
    Attack("globals of a function", "x = C.__globals__", 1, "begin with _"),
    Attack("init of a note", "x = C('C').notes[0].__init__", 1, "begin with _"),
    Attack("match", "match C('C'):\n    case chord(notes=x):\n        pass", 1, "no match"),
    Attack("dict", "x = {'a': 1}", 1, "no dictionaries"),
    Attack("dict comprehension", "x = {a: 1 for a in [1]}", 1, "no dictionaries"),
    Attack("set", "x = {1, 2}", 1, "no sets"),
    Attack("starred unpack", "a, *b = [1, 2, 3]", 1, "no \\* before"),
    Attack("starred call", "x = max(*[1, 2])", 1, "no \\* before"),
    Attack("del", "x = 1\ndel x", 2, "no del"),
    Attack("bytes", "x = b'abc'", 1, "no bytes"),
    Attack("complex", "x = 1j", 1, "no complex"),
    Attack("a loop variable C", "x = [C for C in [1, 2]]", 1, "C is a function"),
    Attack("setting an attribute", "x = C('C')\nx.notes = 5", 2, "only be given to a name"),
    Attack("setting an item", "x = [1]\nx[0] = 5", 2, "only be given to a name"),
    Attack("decorator", "@C\ndef f():\n    pass", 2, "no def"),
    Attack("annotation", "x: int = 1", 1, "no types"),
    Attack(
        "a list in itself",
        "x = []\nx.append(x)\nresult = concat(x)",
        3,
        "lists within lists",
    ),
    Attack(
        "2000 lists deep",
        "x = []\nfor i in range(2000):\n    x = [x]\nresult = chord(x)",
        4,
        "lists within lists|list of",
    ),
    Attack(
        "3000 tracks",
        "x = C('C')\nresult = piece([x] * 3000, [1] * 3000)",
        2,
        "tracks of piece must be",
    ),
    Attack("bpm −5", "result = piece([C('C')], [1], -5)", 1, "bpm of piece must be"),
    Attack(
        "work inside a function",
        "x = 1\nresult = chord_progression(['C'] * 3000)",
        2,
        "no function chord_progression",
    ),
    Attack("sum of lists", "x = sum([[0] * 10000] * 1000, [])", 1, "takes at most 1|must be|work"),
    Attack("sum of lists in one", "x = sum([[0] * 10000] * 1000)", 1, "too much work|must be"),
    Attack("sorted with a key", "x = sorted([1], key=len)", 1, "is a function|takes no key"),
    Attack("max of chords", "x = max([C('C'), C('D')])", 1, "must be"),
    Attack("pattern", "x = scale('C', 'major').pattern('1' * 100000)", 1, "has no pattern"),
    Attack("start at 900 000", "result = chord('C4', start_time=900000)", 1, "start_time of chord"),
    Attack("% (900 000, 900 000)", "result = C('C') % (900000, 900000)", 1, "behind % must be"),
    Attack("bpm ∞", "result = piece([C('C')], [1], 1e400)", 1, "larger than"),
    Attack("identifier beyond ASCII", "x = 1\nñ = 2", 2, "beyond ASCII"),
    Attack("a name in full width", "result = ｃhord('C4')", 1, "beyond ASCII"),
    Attack(
        "1500 times |",
        f"x = C('C')\nresult = {' | '.join(['x'] * 1500)}",
        2,
        "too deeply",
    ),
    Attack(
        "growing by mutation",
        "x = []\nfor i in range(100000):\n    x.append(C('C'))",
        2,
        "range is longer",
    ),
    Attack(
        "growing by two loops",
        "x = [0]\nfor i in range(9999):\n    for j in range(9999):\n        x.extend(x)",
        4,
        "list is longer|work",
    ),
    Attack("forty minutes", "x = 1\nresult = C('C') % (700, 700) * 2", 2, "longer than 600 s"),
    Attack(
        "20 001 notes",
        "x = chord(','.join(['C4[1/9999;1/9999]'] * 3001))\n"
        "result = piece([x, x, x, x, x, x, x], [1] * 7)",
        2,
        "notes",
    ),
    Attack("a million drums", "result = drum('K, H, r:100000')", 1, "repeats more than"),
    Attack(
        "repetitions of repetitions",
        "result = drum('K[r:99;R:99], r:99, !r:99')",
        1,
        "repeats more than",
    ),
    Attack("a pitch of 10⁹", "result = chord('C999999999')", 1, "notes of chord must be"),
    Attack("a mangled setting", "result = chord('C4[1/0;1;1]')", 1, "musicpy cannot"),
    Attack(
        "a text that is hard to match", "result = chord('C;' * 40000 + 'X')", 1, "must be notes"
    ),
    Attack("steps that are hard to match", "result = chord('-12;' * 29000 + 'X')", 1, "must be"),
    Attack("spaces that are hard to match", "result = chord(' ' * 119999 + 'X')", 1, "must be"),
    Attack(
        "lists for nothing",
        "x = []\nfor i in range(9999):\n    x.append(range(9999))",
        3,
        "too much work",
    ),
    Attack(
        "far away notes",
        "n = note('C')\nfor i in range(9999):\n    n = n.up(127)\n"
        "c = chord([note('C'), n])\nfor i in range(9999):\n    x = c @ 1\n",
        6,
        "too much work",
    ),
    Attack("% on a text", "x = '%s' % C('C')", 1, "there is no"),
    Attack("join of what is no text", "x = ','.join([C('C')])", 1, "must be"),
    Attack("an attribute of a module", "x = C('C').notes.sort.im_self", 1, "has no"),
    Attack("an event of another kind", "x = event('sysex', data=[1])", 1, "must be|takes no"),
    Attack("a loop over a function", "for i in C:\n    pass", 1, "is a function"),
    Attack("a call of a call", "x = C('C')('b5')", 1, "has a name"),
    Attack("a power of a negative", "x = (-8) ** 0.5", 1, "whole one"),
    Attack("division by zero", "x = 1\ny = 1 / 0", 2, "division by zero"),
    Attack("no number at all", f"x = {'9' * 5000}", 1, "no Python|larger"),
    Attack("a comparison of lists", "x = [1]\ny = x == x", 2, "cannot be compared"),
    Attack("a surrogate", "x = '\ud800'", 1, "surrogate"),
    Attack("a mistake in writing", "x = (\nresult = 1", 1, "no Python"),
    Attack("nothing", "", 1, "nothing is called 'result'"),
)
ATTACKS = (*FIRST_LIST, *SECOND_LIST)

LOOK_HARMFUL = {
    "a text of 1300 notes": f"result = chord('{','.join(['C4[1/16;1/16]'] * 1300)}')",
    "set_volume gives nothing": "result = C('C')\nresult.set_volume(50)",
    "letters beyond ASCII in texts": "# Lüge\nx = 'é'\nresult = track(C('C'), 1, 0, 0, 'Flöte')",
    "what Python warns of": "x = 1if 1 else 2\ny = '\\d'\nresult = C('C')",
    "the literal import": "from musicpy import *\nresult = C('C')",
}
"""Legal."""
