"""The functions of the dialect that Python has, too: over numbers, lists and short texts only.

Written anew, because Python's own call what their arguments define: ``sum`` of lists is quadratic,
``sorted`` and ``max`` compare whatever they are given.
"""

from __future__ import annotations

from typing import Any

from harmonie_daemon.compose.musicpy_code import limits
from harmonie_daemon.compose.musicpy_code.faults import FaultError
from harmonie_daemon.compose.musicpy_code.functions import Function, Parameter
from harmonie_daemon.compose.musicpy_code.kinds import Kind, either, integer, number, several, text
from harmonie_daemon.compose.musicpy_code.quiet_musicpy import musicpy as mp

NUMBER = number(-limits.LARGEST_NUMBER, limits.LARGEST_NUMBER)
WHOLE = integer(-limits.LARGEST_NUMBER, limits.LARGEST_NUMBER)
NUMBERS = several(NUMBER, limits.LONGEST_LIST)
SEQUENCE = Kind(
    "a list, a text or notes",
    lambda value: isinstance(value, list | tuple | str) or type(value) in (mp.chord, mp.scale),
)


def items_of(value: Any) -> list[Any]:
    """What a loop over a value runs over. Raises ``FaultError`` for what has no items."""
    if isinstance(value, list | tuple | str):
        return list(value)
    if type(value) in (mp.chord, mp.scale):
        return list(value.notes)
    raise FaultError(f"one cannot go through a {type(value).__name__} item by item")


def _range(*bounds: int) -> list[int]:
    if not 1 <= len(bounds) <= 3:
        raise FaultError("range takes one to three whole numbers")
    if len(bounds) == 3 and bounds[2] == 0:
        raise FaultError("range cannot go in steps of 0")
    numbers = range(*bounds)
    if len(numbers) > limits.LONGEST_LIST:
        raise FaultError(f"range is longer than {limits.LONGEST_LIST}")
    return list(numbers)


def _numbers(values: list[Any], name: str) -> list[Any]:
    """Of ``max(1, 2)`` and of ``max([1, 2])`` alike."""
    if len(values) == 1 and isinstance(values[0], list | tuple):
        values = list(values[0])
    NUMBERS.check(f"what {name} is given", values)
    if not values:
        raise FaultError(f"{name} wants at least one number")
    return values


def _int(value: Any) -> int:
    if isinstance(value, str):
        try:
            return int(value) if value.isascii() else int("")
        except ValueError as error:
            raise FaultError("this text is no whole number") from error
    return int(value)


def _zip(*lists: Any) -> list[tuple[Any, ...]]:
    return list(zip(*map(items_of, lists), strict=False))


def _list(value: Any = ()) -> list[Any]:
    return items_of(value)


def _p(name: str, kind: Kind) -> Parameter:
    return Parameter(name, kind)


ONE_NUMBER = (_p("x", NUMBER),)
MANY = _p("each", either(NUMBER, NUMBERS))
LISTS = _p("each", SEQUENCE)

FUNCTIONS = (
    Function("range", _range, rest=_p("each", WHOLE)),
    Function("len", lambda x: len(items_of(x)), (_p("x", SEQUENCE),), required=1),
    Function("abs", abs, ONE_NUMBER, required=1, is_bare=True),
    Function("float", float, ONE_NUMBER, required=1, is_bare=True),
    Function(
        "round",
        lambda number, ndigits=None: round(number, ndigits),
        (_p("number", NUMBER), _p("ndigits", integer(0, 12))),
        required=1,
    ),
    Function(
        "int",
        _int,
        (_p("x", either(NUMBER, text(15, "a whole number as text"))),),
        required=1,
        is_bare=True,
    ),
    Function(
        "str",
        str,
        (_p("x", either(NUMBER, text(1_000, "a text"))),),
        required=1,
        is_bare=True,
    ),
    Function("min", lambda *each: min(_numbers(list(each), "min")), rest=MANY),
    Function("max", lambda *each: max(_numbers(list(each), "max")), rest=MANY),
    Function("sum", sum, (_p("x", NUMBERS),), required=1, is_bare=True),
    Function("sorted", sorted, (_p("x", NUMBERS),), required=1, is_bare=True),
    Function("reversed", lambda x: items_of(x)[::-1], (_p("x", SEQUENCE),), required=1),
    Function("list", _list, (_p("value", SEQUENCE),)),
    Function("tuple", lambda value=(): tuple(items_of(value)), (_p("value", SEQUENCE),)),
    Function("zip", _zip, rest=LISTS),
    Function(
        "enumerate",
        lambda iterable, start=0: list(enumerate(items_of(iterable), start)),
        (_p("iterable", SEQUENCE), _p("start", WHOLE)),
        required=1,
    ),
)
