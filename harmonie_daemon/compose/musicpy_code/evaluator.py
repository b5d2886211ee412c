"""Works through a program's tree, node by node. Nothing of it is ever compiled or run by Python.

A program has names, the functions and methods of the tables, and the operators of the tables. Every
node burns fuel, every call and operator as much as its work is; every value that comes of them is
looked at for its size.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from harmonie_daemon.compose.musicpy_code import (
    limits,
    methods,
    music_functions,
    operators,
    plain_functions,
)
from harmonie_daemon.compose.musicpy_code.faults import FaultError, Fuel
from harmonie_daemon.compose.musicpy_code.kinds import check_size, shown
from harmonie_daemon.compose.musicpy_code.plain_functions import items_of
from harmonie_daemon.compose.musicpy_code.quiet_musicpy import musicpy as mp

FUNCTIONS = {
    function.name: function for function in (*music_functions.FUNCTIONS, *plain_functions.FUNCTIONS)
}
RESULT = "result"
LONGEST_REASON = 200


class _Break(Exception):  # noqa: N818 - an event of a loop
    """``break``."""


class _Continue(Exception):  # noqa: N818 - an event of a loop
    """``continue``."""


class Evaluator:
    """One program's names, its fuel, and the line it has come to."""

    def __init__(self, fuel: Fuel) -> None:
        self._fuel = fuel
        self._names: dict[str, Any] = {}
        self._depth = 0
        self.line = 1
        """Where it stands; where it stood, after a fault."""
        self.result_line: int | None = None
        """Where ``result`` was last given a value."""

    def run(self, tree: ast.Module) -> Any:
        """What the program has called ``result``. Raises ``FaultError``."""
        self._block(tree.body)
        if RESULT not in self._names:
            raise FaultError("nothing is called 'result' at the end: write result = piece(…)")
        return self._names[RESULT]

    def _block(self, statements: list[ast.stmt]) -> None:
        for statement in statements:
            self._at(statement)
            self._fuel.burn(limits.STEP_COST)
            self._statement(statement)

    def _statement(self, statement: ast.stmt) -> None:
        match statement:
            case ast.Assign(targets, value):
                result = self._value(value)
                for target in targets:
                    self._assign(target, result)
            case ast.AugAssign(target, operator, value):
                if not isinstance(target, ast.Name):
                    raise FaultError("only a name can be changed so")
                left = self._value(ast.copy_location(ast.Name(target.id, ast.Load()), target))
                right = self._value(value)
                self._at(statement)
                self._assign(target, self._binary(type(operator), left, right))
            case ast.Expr(value):
                self._value(value)
            case ast.For():
                self._loop(statement)
            case ast.If(test, body, orelse):
                self._block(body if operators.truth(self._value(test)) else orelse)
            case ast.Break():
                raise _Break
            case ast.Continue():
                raise _Continue
            case ast.Pass() | ast.ImportFrom():
                return
            case _:
                raise FaultError(f"the dialect has no {type(statement).__name__}")

    def _loop(self, loop: ast.For) -> None:
        for item in items_of(self._value(loop.iter)):
            self._fuel.burn(limits.STEP_COST)
            self._assign(loop.target, item)
            try:
                with self._deeper():
                    self._block(loop.body)
            except _Break:
                return
            except _Continue:
                continue
        self._block(loop.orelse)

    def _assign(self, target: ast.expr, value: Any) -> None:
        match target:
            case ast.Name(id=name):
                if name in FUNCTIONS:
                    raise FaultError(f"{name} is a function; take another name for this value")
                self._names[name] = value
                if name == RESULT:
                    self.result_line = target.lineno
            case ast.Tuple(elts) | ast.List(elts):
                items = items_of(value)
                self._fuel.burn(len(items))
                if len(items) != len(elts):
                    raise FaultError(f"there are {len(elts)} names for {len(items)} values")
                for element, item in zip(elts, items, strict=True):
                    self._assign(element, item)
            case _:
                raise FaultError("a value can only be given to a name")

    def _value(self, node: ast.expr) -> Any:
        self._fuel.burn(limits.STEP_COST)
        self._at(node)
        with self._deeper():
            value = self._evaluate(node)
        self._at(node)
        check_size(value)
        return value

    def _evaluate(self, node: ast.expr) -> Any:  # noqa: PLR0911, PLR0912 - one row a kind of node
        match node:
            case ast.Constant(value):
                return value
            case ast.Name(id=name):
                return self._named(name)
            case ast.List(elts):
                return [self._value(element) for element in elts]
            case ast.Tuple(elts):
                return tuple([self._value(element) for element in elts])
            case ast.BinOp(left, operator, right):
                first, second = self._value(left), self._value(right)
                self._at(node)
                return self._binary(type(operator), first, second)
            case ast.UnaryOp(operator, operand):
                with self._faults_of_musicpy():
                    return operators.unary(type(operator), self._value(operand), self._fuel)
            case ast.BoolOp(operator, values):
                return self._either_or(operator, values)
            case ast.Compare(left, comparisons, comparators):
                return self._comparison(left, comparisons, comparators)
            case ast.IfExp(test, body, orelse):
                return self._value(body if operators.truth(self._value(test)) else orelse)
            case ast.Call():
                return self._call(node)
            case ast.Attribute(owner, name):
                return self._attribute(self._value(owner), name)
            case ast.Subscript(owner, index):
                return self._item(self._value(owner), index)
            case ast.ListComp(element, generators) | ast.GeneratorExp(element, generators):
                return self._comprehension(element, generators)
            case _:
                raise FaultError(f"the dialect has no {type(node).__name__} here")

    def _named(self, name: str) -> Any:
        if name in self._names:
            return self._names[name]
        if name in FUNCTIONS:
            raise FaultError(f"{name} is a function: write {name}(…)")
        raise FaultError(f"there is no {name}")

    def _either_or(self, operator: ast.boolop, values: list[ast.expr]) -> Any:
        value: Any = None
        for node in values:
            value = self._value(node)
            if operators.truth(value) == isinstance(operator, ast.Or):
                return value
        return value

    def _comparison(
        self, left: ast.expr, comparisons: list[ast.cmpop], comparators: list[ast.expr]
    ) -> bool:
        first = self._value(left)
        for comparison, node in zip(comparisons, comparators, strict=True):
            second = self._value(node)
            if not operators.compare(type(comparison), first, second, self._fuel):
                return False
            first = second
        return True

    def _binary(self, operator: type[ast.operator], left: Any, right: Any) -> Any:
        with self._faults_of_musicpy():
            value = operators.binary(operator, left, right, self._fuel)
        check_size(value)
        return value

    def _call(self, node: ast.Call) -> Any:
        owner: list[Any] = []
        match node.func:
            case ast.Name(id=name):
                function = FUNCTIONS.get(name)
                if function is None:
                    raise FaultError(f"there is no function {name}")
            case ast.Attribute(value, name):
                owner = [self._value(value)]
                function = methods.METHODS.get((type(owner[0]), name))
                if function is None:
                    raise FaultError(f"{shown(owner[0])} has no {name}(…)")
            case _:
                raise FaultError("only a function that has a name can be called")
        arguments = [*owner, *(self._value(argument) for argument in node.args)]
        named: dict[str, Any] = {}
        for keyword in node.keywords:
            named[keyword.arg or ""] = self._value(keyword.value)
        self._at(node)
        with self._faults_of_musicpy():
            value = function.apply(self._fuel, arguments, named)
        if owner:
            check_size(owner[0])
        return value

    def _attribute(self, owner: Any, name: str) -> Any:
        read = methods.ATTRIBUTES.get(type(owner), {}).get(name)
        if read is None:
            raise FaultError(f"{shown(owner)} has no .{name}")
        self._fuel.burn(len(owner.notes) if hasattr(owner, "notes") else 1)
        with self._faults_of_musicpy():
            return read(owner)

    def _item(self, owner: Any, index: ast.expr) -> Any:
        if isinstance(index, ast.Slice):
            return self._slice(owner, index)
        place = self._value(index)
        if type(place) is not int:
            raise FaultError("a place in a list must be a whole number")
        length = len(owner.tracks if type(owner) is mp.piece else items_of(owner))
        self._fuel.burn(length // 10)
        if not -length <= place < length:
            raise FaultError(f"there is no item {place}; there are {length}")
        with self._faults_of_musicpy():
            return owner[place]

    def _slice(self, owner: Any, index: ast.Slice) -> Any:
        bounds = [
            None if node is None else self._value(node)
            for node in (index.lower, index.upper, index.step)
        ]
        if not all(bound is None or type(bound) is int for bound in bounds) or bounds[2] == 0:
            raise FaultError("the bounds of a slice must be whole numbers, its step not 0")
        if type(owner) is mp.chord:
            if bounds[2] is not None:
                raise FaultError("a slice of a chord has no step")
            self._fuel.burn(10 * len(owner.notes))
            return owner[slice(*bounds)]
        items = owner if isinstance(owner, list | tuple | str) else items_of(owner)
        self._fuel.burn(len(items) // 10)
        return items[slice(*bounds)]

    def _comprehension(self, element: ast.expr, generators: list[ast.comprehension]) -> list[Any]:
        outside = dict(self._names)
        self._fuel.burn(len(outside))
        values: list[Any] = []
        self._collect(element, generators, values)
        self._names = outside
        return values

    def _collect(
        self, element: ast.expr, generators: list[ast.comprehension], values: list[Any]
    ) -> None:
        if not generators:
            values.append(self._value(element))
            check_size(values)
            return
        first, *others = generators
        for item in items_of(self._value(first.iter)):
            self._fuel.burn(limits.STEP_COST)
            self._assign(first.target, item)
            if all(operators.truth(self._value(condition)) for condition in first.ifs):
                with self._deeper():
                    self._collect(element, others, values)

    def _at(self, node: ast.stmt | ast.expr) -> None:
        self.line = node.lineno

    @contextmanager
    def _deeper(self) -> Iterator[None]:
        self._depth += 1
        if self._depth > limits.DEEPEST:
            raise FaultError("expressions are nested too deeply; give parts of them names")
        try:
            yield
        finally:
            self._depth -= 1

    @contextmanager
    def _faults_of_musicpy(self) -> Iterator[None]:
        """musicpy raises whatever comes; its ValueErrors are written for whoever calls it."""
        try:
            yield
        except FaultError:
            raise
        except MemoryError as error:
            raise FaultError("this needs too much memory") from error
        except RecursionError as error:
            raise FaultError("this is nested too deeply") from error
        except ValueError as error:
            words = " ".join(str(error).split()).encode("ascii", "replace").decode()
            raise FaultError(f"musicpy says: {words[:LONGEST_REASON]}") from error
        except Exception as error:
            raise FaultError("musicpy cannot make sense of these values") from error
