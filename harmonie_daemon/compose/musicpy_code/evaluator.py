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
    items,
    limits,
    methods,
    music_functions,
    operators,
    plain_functions,
)
from harmonie_daemon.compose.musicpy_code.faults import FaultError, Fuel, faults_of_musicpy
from harmonie_daemon.compose.musicpy_code.kinds import check_size, shown
from harmonie_daemon.compose.musicpy_code.plain_functions import items_of

FUNCTIONS = {
    function.name: function for function in (*music_functions.FUNCTIONS, *plain_functions.FUNCTIONS)
}
RESULT = "result"


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
        try:
            self._block(tree.body)
        except (_Break, _Continue) as error:
            raise FaultError("break and continue belong into a loop") from error
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
                with faults_of_musicpy():
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
                return items.attribute(self._value(owner), name, self._fuel)
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
        with faults_of_musicpy():
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
        with faults_of_musicpy():
            value = function.apply(self._fuel, arguments, named)
        if owner:
            check_size(owner[0])
        return value

    def _item(self, owner: Any, index: ast.expr) -> Any:
        if not isinstance(index, ast.Slice):
            return items.item(owner, self._value(index), self._fuel)
        nodes = (index.lower, index.upper, index.step)
        bounds = [None if node is None else self._value(node) for node in nodes]
        return items.part(owner, bounds, self._fuel)

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
