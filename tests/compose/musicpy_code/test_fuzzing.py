"""Random arguments for everything that a program can reach, and random programs."""

from __future__ import annotations

import ast
import random
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harmonie_daemon.compose.midi import read_midi
from harmonie_daemon.compose.musicpy_code import items, limits, operators
from harmonie_daemon.compose.musicpy_code.child import evaluated
from harmonie_daemon.compose.musicpy_code.evaluator import FUNCTIONS
from harmonie_daemon.compose.musicpy_code.faults import FaultError, Fuel, faults_of_musicpy
from harmonie_daemon.compose.musicpy_code.functions import Function
from harmonie_daemon.compose.musicpy_code.kinds import EVENTS, MUSIC, check_size
from harmonie_daemon.compose.musicpy_code.methods import ATTRIBUTES, METHODS, HeldList
from harmonie_daemon.compose.musicpy_code.quiet_musicpy import musicpy as mp
from harmonie_daemon.compose.musicpy_code.verdict import Ending
from harmonie_daemon.domain.errors import MidiError

ROUNDS = 12
PLAIN = (int, float, bool, str, type(None))
CALLS_FOR_NOTHING = 5_000
CALLS_FOR_FUEL = 8
"""Calls of Python functions that a microsecond of fuel may stand for; they take so long."""


def pool(chance: random.Random) -> list[Any]:
    """Values of every kind, plain and odd."""

    def notes(count: int) -> Any:
        pitches = [mp.note(chance.choice("CDEFGAB"), chance.randint(2, 6)) for _ in range(count)]
        return mp.chord(pitches, interval=[chance.random() for _ in range(count)])

    def track() -> Any:
        return mp.track(notes(chance.choice([1, 50])), chance.randint(1, 128), chance.random())

    texts = ["", "C", "C4", "C#4", "Bb", "Dm7", "Am/E", "C/2", "C/-3", "C/5!", "G7/F#/2", "C:m"]
    texts += ["Cadd9,b5", "major", "minor", "C major", "C4,E4[1/8;.;90]", "r,-,C5.", "K,H,S,H"]
    texts += ["C4;E4;G4[1/4;1/4]", "K, H[r:3], S;H, r:4, t:1", "|" * 50, "K|t:1|r:3,S", "value"]
    texts += ["+", "|", "&", "percentage", "cents", "control_change", "Violin", "a" * 1000, "é"]
    numbers = [0, 1, -1, 2, 3, 7, 12, 60, 127, 1000, 10**12, 0.25, 1e-9, 3.7, 800, -0.5, True]
    lists = [[], [1, 2, 3], [0.25] * 30, [notes(2), notes(3)], [notes(100)] * 9, [[1], [[2]]]]
    lists += [[track(), track()], ["C4", "E4"], [mp.rest(1 / 4), mp.note("C")], list(range(100))]
    tuples = [(1, 0), (1 / 8, 1 / 8), (1 / 4, 0, 90), (3, 0.5), (notes(3), 0.5), ([1 / 4] * 3, 1)]
    music = [mp.note("C", 4), mp.note("F#", 2, 1 / 2, 30, 9), notes(chance.choice([3, 10, 300]))]
    music += [notes(4), notes(0), mp.scale("C", "major"), track(), mp.drum("K,H,S,H")]
    music += [mp.piece([notes(30), notes(20)], [1, 2], 100), mp.build(track(), track(), bpm=90)]
    music += [mp.piece([notes(3)] * 5, [1, 2, 3, 4, 5], 100, channels=[0, 1, 2, 9, 4])]
    events = [mp.tempo(100, 1), mp.pan(30), mp.volume(40), mp.pitch_bend(100, 1), mp.rest(1 / 4)]
    events += [mp.event("control_change", channel=0, control=7, value=3)]
    return [None, *numbers, *texts, *lists, *tuples, *music, *events]


@contextmanager
def counted_calls() -> Iterator[list[int]]:
    """How many Python functions are called inside."""
    count = [0]

    def count_one(_: Any, event: str, __: Any) -> None:
        count[0] += event == "call"

    sys.setprofile(count_one)
    try:
        yield count
    finally:
        sys.setprofile(None)


def is_value(value: object, depth: int = 0) -> bool:
    """Whether a program may hold this: nothing that leads out of the dialect."""
    if type(value) in (list, tuple, HeldList):
        assert isinstance(value, list | tuple)
        return depth < 6 and all(is_value(item, depth + 1) for item in value)
    return type(value) in (*PLAIN, *MUSIC, *EVENTS, mp.rest)


def check(act: Callable[[Fuel], object]) -> None:
    """One act: a value of the dialect or a fault, and no more work than it burns fuel."""
    fuel = Fuel()
    value: object = None
    with counted_calls() as calls:
        try:
            with faults_of_musicpy():
                value = act(fuel)
            check_size(value)
        except FaultError as fault:
            value = str(fault)
    assert is_value(value), value
    if isinstance(value, str):
        assert re.fullmatch(r"[ -~±×…α-ωé]*", value), value
    burned = limits.FUEL - max(0, fuel.left)
    assert calls[0] < CALLS_FOR_NOTHING + CALLS_FOR_FUEL * burned


def given_arguments(
    function: Function, values: list[Any], chance: random.Random
) -> tuple[list[Any], dict[str, Any]]:
    """Mostly such as it takes, sometimes any."""
    if chance.random() < 0.2:
        return chance.choices(values, k=chance.randint(0, 4)), {}
    if function.rest is not None:
        fitting = [value for value in values if function.rest.kind.accepts(value)]
        return chance.choices(fitting, k=chance.randint(0, 5)), {}
    named = {}
    for place, parameter in enumerate(function.parameters):
        fitting = [value for value in values if parameter.kind.accepts(value)]
        if fitting and (place < function.required or chance.random() < 0.5):
            named[parameter.name] = chance.choice(fitting)
    return [], named


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_no_function_or_method_escapes_or_works_for_nothing(seed: int) -> None:
    chance = random.Random(seed)
    for function in (*FUNCTIONS.values(), *METHODS.values()):
        arguments, named = given_arguments(function, pool(chance), chance)
        check(lambda fuel: function.apply(fuel, arguments, named))  # noqa: B023 - called at once


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_no_operator_escapes_or_works_for_nothing(seed: int) -> None:
    chance = random.Random(seed)
    for operator in (*operators.OPERATIONS, ast.USub, ast.UAdd, ast.Invert, ast.Not):
        for _ in range(20):
            left, right = chance.choices(pool(chance), k=2)
            if issubclass(operator, ast.operator):
                check(lambda fuel: operators.binary(operator, left, right, fuel))  # noqa: B023
            else:
                check(lambda fuel: operators.unary(operator, left, fuel))  # noqa: B023
    for comparison in (*operators.ORDERS, ast.Eq, ast.NotEq, ast.In, ast.NotIn, ast.Is, ast.IsNot):
        for _ in range(20):
            left, right = chance.choices(pool(chance), k=2)
            check(lambda fuel: operators.compare(comparison, left, right, fuel))  # noqa: B023


@pytest.mark.parametrize("seed", range(2))
def test_no_attribute_item_or_part_escapes(seed: int) -> None:
    chance = random.Random(seed)
    names = {name for table in ATTRIBUTES.values() for name in table}
    for owner in pool(chance):
        for name in (*sorted(names), *("other_messages", "format", "copy", "real", "index")):
            check(lambda fuel: items.attribute(owner, name, fuel))  # noqa: B023
        for place in (0, -1, 3, 10**12, "a", None, True):
            check(lambda fuel: items.item(owner, place, fuel))  # noqa: B023
        for bounds in ([None, None, None], [1, -1, None], [None, None, -1], [0, 10**12, 0]):
            check(lambda fuel: items.part(owner, bounds, fuel))  # noqa: B023


NAMES = st.sampled_from([*"abcdxyz", "result", "C", "chord", "print", "os", "notes"])
TEXTS = st.sampled_from(
    ["C", "C4", "Dm7", "A4[1/8;.;80], C5", "K, H, S, H", "major", "|", "{0.__class__}", "%s", "a'b"]
)
ATOMS = st.one_of(
    NAMES,
    st.integers(-3, 130).map(str),
    st.sampled_from(
        ["1/4", "1/8", "0.5", "10**9", "1e400", "None", "True", "[]", "()", "rest(1/4)"]
    ),
    TEXTS.map(repr),
)
OPERATORS = st.sampled_from(
    [*"+-*/%|&@^", "//", "**", "==", "<", " in ", " and ", " or ", "<<", " is "]
)
CALLED = st.sampled_from(sorted([*FUNCTIONS, "getattr", "eval", "open", "play"]))
ASKED = st.sampled_from(
    [
        *sorted(
            {name for _, name in METHODS}
            | {name for table in ATTRIBUTES.values() for name in table}
        ),
        "__class__",
        "play",
        "format",
    ]
)


def _wider(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    arguments = st.lists(inner, max_size=3).map(", ".join)
    return st.one_of(
        st.builds("({}{}{})".format, inner, OPERATORS, inner),
        st.builds("{}({})".format, CALLED, arguments),
        st.builds("{}.{}({})".format, inner, ASKED, arguments),
        st.builds("{}.{}".format, inner, ASKED),
        st.builds("{}[{}]".format, inner, inner),
        st.builds("{}[{}:{}]".format, inner, inner, inner),
        st.builds("[{} for {} in {}]".format, inner, NAMES, inner),
        st.builds("[{}]".format, arguments),
        st.builds("({},)".format, inner),
        st.builds("({} if {} else {})".format, inner, inner, inner),
        st.builds("{}{}".format, st.sampled_from(["-", "~", "not ", "+", "*"]), inner),
        st.builds("C({}) % (1, 0)".format, inner),
    )


EXPRESSIONS = st.recursive(ATOMS, _wider, max_leaves=12)
SIMPLE = st.one_of(
    st.builds("{} = {}".format, NAMES, EXPRESSIONS),
    st.builds("result = {}".format, EXPRESSIONS),
    st.builds("{} |= {}".format, NAMES, EXPRESSIONS),
    st.builds("a, b = {}".format, EXPRESSIONS),
    EXPRESSIONS,
    st.sampled_from(["pass", "break", "continue", "import os", "from musicpy import *", "del x"]),
)
BLOCKS = st.one_of(
    st.builds("for {} in {}:\n    {}\n    {}".format, NAMES, EXPRESSIONS, SIMPLE, SIMPLE),
    st.builds("if {}:\n    {}\nelse:\n    {}".format, EXPRESSIONS, SIMPLE, SIMPLE),
    st.builds("while {}:\n    {}".format, EXPRESSIONS, SIMPLE),
    st.builds("def f():\n    {}".format, SIMPLE),
)
BEGINNING = "a = C('Dm7', 4) % (1/8, 1/8)\nb = note('E', 5)\nc = scale('C', 'major')\nresult = a\n"
CODE = st.lists(st.one_of(SIMPLE, SIMPLE, BLOCKS), min_size=1, max_size=8).map(
    lambda statements: BEGINNING + "\n".join(statements)
)


@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(CODE)
def test_any_program_is_music_or_a_fault_with_a_line_in_it(code: str) -> None:
    verdict = evaluated(code)
    assert 1 <= (verdict.line or 0) <= code.count("\n") + 1
    if verdict.ending is Ending.FAULT:
        assert not re.search(r"Traceback|object at|site-packages|/work|\.py", verdict.words)
        return
    try:
        assert read_midi(verdict.body).parts
    except MidiError as error:
        assert str(error)


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=200))
def test_any_text_is_music_or_a_fault_with_a_line(text: str) -> None:
    verdict = evaluated(text)
    if verdict.ending is Ending.MUSIC:  # Hypothesis has been seen to write result=note('A')
        return
    assert verdict.ending is Ending.FAULT
    assert 1 <= (verdict.line or 0) <= text.count("\n") + text.count("\r") + 2
