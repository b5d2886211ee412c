"""What an operator does to which values, within which limits. What is not listed is refused."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from harmonie_daemon.compose.musicpy_code import limits
from harmonie_daemon.compose.musicpy_code import vocabulary as of
from harmonie_daemon.compose.musicpy_code.faults import FaultError, Fuel
from harmonie_daemon.compose.musicpy_code.kinds import (
    Kind,
    either,
    is_number,
    notes_in,
    octave_steps,
    pair,
    several,
    shown,
    weight,
)
from harmonie_daemon.compose.musicpy_code.quiet_musicpy import musicpy as mp

OPERATIONS: Mapping[type[ast.operator], tuple[str, Callable[[Any, Any], Any]]] = {
    ast.Add: ("+", operator.add),
    ast.Sub: ("-", operator.sub),
    ast.Mult: ("*", operator.mul),
    ast.Div: ("/", operator.truediv),
    ast.FloorDiv: ("//", operator.floordiv),
    ast.Mod: ("%", operator.mod),
    ast.Pow: ("**", operator.pow),
    ast.BitOr: ("|", operator.or_),
    ast.BitAnd: ("&", operator.and_),
    ast.BitXor: ("^", operator.xor),
    ast.MatMult: ("@", operator.matmul),
}
ARITHMETIC = {"+", "-", "*", "/", "//", "%", "**"}
LARGEST_EXPONENT = 64

Cost = Callable[[Any, Any], int]


@dataclass(frozen=True, slots=True)
class Operation:
    """What may stand on the right, and how much work it is beyond copying both once."""

    right: Kind
    cost: Cost


def _both(left: Any, _: Any) -> int:
    return weight(left)


def _repeated(left: Any, right: Any) -> int:
    """Every repetition copies all before it."""
    times: int = right[0] if isinstance(right, tuple) else right
    return weight(left) * times * (times + 1)


def _joined_or_repeated(left: Any, right: Any) -> int:
    is_repeated = type(right) is int or (isinstance(right, tuple) and type(right[0]) is int)
    return _repeated(left, right) if is_repeated else _both(left, right)


def _joined_or_repeated_after(left: Any, right: Any) -> int:
    """``chord | 2`` is a rest of two bars, not a repetition."""
    if isinstance(right, tuple) and type(right[0]) is int:
        return _repeated(left, right)
    return _both(left, right)


def _inverted(left: Any, right: Any) -> int:
    return _both(left, right) + octave_steps(left)


def _op(right: Kind, cost: Cost = _both) -> Operation:
    return Operation(right, cost)


LATER_CHORD = pair(of.CHORD, of.SHIFT)
AFTER = either(of.CHORD, of.BARS, of.REST, LATER_CHORD, of.REPEATED)
MUSIC: Mapping[tuple[type, str], Operation] = {
    (mp.note, "+"): _op(either(of.SEMITONES, of.A_NOTE)),
    (mp.note, "-"): _op(of.SEMITONES),
    (mp.note, "%"): _op(of.NOTE_SETTINGS),
    (mp.chord, "|"): _op(AFTER, _joined_or_repeated_after),
    (mp.chord, "&"): _op(either(of.CHORD, LATER_CHORD, of.TIMES, of.REPEATED), _joined_or_repeated),
    (mp.chord, "+"): _op(
        either(
            of.SEMITONES,
            several(of.SEMITONES, limits.MOST_NOTES),
            of.CHORD,
            of.A_NOTE,
            of.REST,
            LATER_CHORD,
        )
    ),
    (mp.chord, "-"): _op(either(of.SEMITONES, several(of.SEMITONES, limits.MOST_NOTES), of.A_NOTE)),
    (mp.chord, "*"): _op(either(of.TIMES, of.REPEATED), _repeated),
    (mp.chord, "%"): _op(either(of.SETTINGS, of.NOTE_NAME)),
    (mp.chord, "/"): _op(either(of.SMALL, of.A_NOTE, of.CHORD), _inverted),
    (mp.chord, "@"): _op(either(of.SMALL, of.PITCH_NAME, several(of.SMALL, 64)), _inverted),
    (mp.chord, "^"): _op(either(of.SMALL, of.A_NOTE), _inverted),
    (mp.scale, "+"): _op(of.SEMITONES),
    (mp.scale, "-"): _op(of.SEMITONES),
    (mp.track, "|"): _op(either(of.CHORD, of.BARS, of.REST, LATER_CHORD)),
    (mp.track, "&"): _op(either(of.CHORD, LATER_CHORD)),
    (mp.track, "+"): _op(either(of.SEMITONES, of.CHORD)),
    (mp.track, "-"): _op(of.SEMITONES),
    (mp.track, "*"): _op(of.TIMES, _repeated),
    (mp.drum, "|"): _op(either(of.DRUM, of.BARS, of.REST, pair(of.DRUM, of.SHIFT))),
    (mp.drum, "&"): _op(either(of.DRUM, pair(of.DRUM, of.SHIFT))),
    (mp.drum, "+"): _op(either(of.DRUM, pair(of.DRUM, of.SHIFT))),
    (mp.drum, "*"): _op(of.TIMES, _repeated),
    (mp.piece, "|"): _op(
        either(of.PIECE, of.BARS, pair(of.PIECE, of.SHIFT)), lambda *both: 3 * _both(*both)
    ),
    (mp.piece, "&"): _op(either(of.PIECE, pair(of.PIECE, of.BARS)), lambda *both: 3 * _both(*both)),
    (mp.piece, "+"): _op(either(of.SEMITONES, of.PIECE), lambda *both: 3 * _both(*both)),
    (mp.piece, "-"): _op(of.SEMITONES),
    (mp.piece, "*"): _op(of.TIMES, lambda left, right: 2 * _repeated(left, right)),
}
BEFORE_MUSIC: Mapping[tuple[str, type], Kind] = {
    ("|", mp.chord): either(of.BARS, of.REST),
    ("+", mp.chord): either(of.SEMITONES, of.REST),
}
"""A rest or a number in front of a chord."""


def binary(node: type[ast.operator], left: Any, right: Any, fuel: Fuel) -> Any:
    """The result of an operator between two values. Raises ``FaultError``."""
    sign, apply = OPERATIONS[node]
    if is_number(left) and is_number(right) and sign in ARITHMETIC:
        return _arithmetic(sign, apply, left, right)
    plain = _plain(sign, left, right)
    if plain is not None:
        fuel.burn(plain)
        return apply(left, right)
    if type(left) is int and type(right) is mp.chord and sign == "*":
        left, right = right, left
    fuel.burn(weight(left) + weight(right))
    before = BEFORE_MUSIC.get((sign, type(right)))
    if before is not None and before.accepts(left):
        return apply(left, right)
    operation = MUSIC.get((type(left), sign))
    if operation is None:
        raise FaultError(f"there is no {shown(left)} {sign} {shown(right)}")
    operation.right.check(f"what stands behind {sign}", right)
    _check_growth(left, right)
    fuel.burn(operation.cost(left, right))
    return apply(left, right)


def _check_growth(left: Any, right: Any) -> None:
    """Repetitions grow as well, but burn fuel for all they will be."""
    added = right[0] if isinstance(right, tuple) and right else right
    if notes_in(left) + notes_in(added) > limits.MOST_NOTES + limits.MOST_EVENTS:
        raise FaultError(f"there would be more than {limits.MOST_NOTES} notes")


def _arithmetic(sign: str, apply: Callable[[Any, Any], Any], left: Any, right: Any) -> Any:
    if sign == "**" and abs(right) > LARGEST_EXPONENT:
        raise FaultError(f"an exponent is larger than {LARGEST_EXPONENT}")
    try:
        return apply(left, right)
    except ZeroDivisionError as error:
        raise FaultError("division by zero") from error
    except OverflowError as error:
        raise FaultError(f"a number is larger than {limits.LARGEST_NUMBER}") from error


def _plain(sign: str, left: Any, right: Any) -> int | None:
    """The cost of joining and repeating lists and texts; ``None`` if it is something else."""
    for kind, longest in (
        (str, limits.LONGEST_TEXT),
        (list, limits.LONGEST_LIST),
        (tuple, limits.LONGEST_LIST),
    ):
        if sign == "+" and isinstance(left, kind) and isinstance(right, kind):
            length = len(left) + len(right)
        elif sign == "*" and isinstance(left, kind) and type(right) is int:
            length = len(left) * max(0, right)
        elif sign == "*" and type(left) is int and isinstance(right, kind):
            length = max(0, left) * len(right)
        else:
            continue
        if length > longest:
            raise FaultError(f"this would be longer than {longest}")
        return length // 10
    return None


def unary(node: type[ast.unaryop], value: Any, fuel: Fuel) -> Any:
    """The result of a sign in front of a value. Raises ``FaultError``."""
    if node is ast.Not:
        return not truth(value)
    if is_number(value) and node in (ast.USub, ast.UAdd):
        return -value if node is ast.USub else value
    if type(value) in (mp.note, mp.chord) and node in (ast.USub, ast.UAdd):
        fuel.burn(2 * weight(value))
        return -value if node is ast.USub else +value
    if type(value) is mp.chord and node is ast.Invert:
        fuel.burn(4 * weight(value))
        return ~value
    raise FaultError(f"this sign cannot stand before {shown(value)}")


def truth(value: object) -> bool:
    """Whether a condition holds."""
    if value is None or isinstance(value, bool | int | float | str | list | tuple):
        return bool(value)
    raise FaultError(f"{shown(value)} is neither true nor false")


def compare(node: type[ast.cmpop], left: Any, right: Any, fuel: Fuel) -> bool:
    """A comparison. Lists are not compared, only looked through for a number or a text."""
    match node:
        case ast.Is | ast.IsNot if right is None:
            return (left is None) == (node is ast.Is)
        case ast.Eq | ast.NotEq if _is_scalar(left) and _is_scalar(right):
            return bool((left == right) == (node is ast.Eq))
        case ast.In | ast.NotIn if isinstance(left, str) and isinstance(right, str):
            fuel.burn(len(right))
            return (left in right) == (node is ast.In)
        case ast.In | ast.NotIn if _is_scalar(left) and isinstance(right, list | tuple):
            fuel.burn(len(right))
            found = any(_is_scalar(item) and item == left for item in right)
            return found == (node is ast.In)
    is_ordered = (is_number(left) and is_number(right)) or (
        isinstance(left, str) and isinstance(right, str)
    )
    if node in ORDERS and is_ordered:
        return bool(ORDERS[node](left, right))
    raise FaultError(f"{shown(left)} cannot be compared so with {shown(right)}")


ORDERS: Mapping[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}


def _is_scalar(value: object) -> bool:
    return value is None or isinstance(value, bool | int | float | str)
