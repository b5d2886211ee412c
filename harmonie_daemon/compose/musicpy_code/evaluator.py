"""Works through a program's tree, node by node. Nothing of it is ever compiled or run by Python.

A program has names, the functions and methods of the tables, and the operators of the tables. Every
node burns fuel, every call and operator as much as its work is; every value that comes of them is
looked at for its size.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
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
        self._rows: Mapping[type[ast.expr], Callable[[Any], Any]] = {
            ast.Name: self._named,
            ast.List: self._list,
            ast.Tuple: self._tuple,
            ast.BinOp: self._between,
            ast.UnaryOp: self._before,
            ast.BoolOp: self._either_or,
            ast.Compare: self._comparison,
            ast.IfExp: self._chosen,
            ast.Call: self._call,
            ast.Attribute: self._attribute,
            ast.Subscript: self._item,
            ast.ListComp: self._comprehension,
            ast.GeneratorExp: self._comprehension,
        }
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
        depth = self._depth
        for item in items_of(self._value(loop.iter)):
            self._fuel.burn(limits.STEP_COST)
            self._assign(loop.target, item)
            self._deeper()
            try:
                self._block(loop.body)
            except _Break:
                self._depth = depth
                return
            except _Continue:
                pass
            self._depth = depth
        self._block(loop.orelse)

    def _assign(self, target: ast.expr, value: Any) -> None:
        if isinstance(target, ast.Name):
            if target.id in FUNCTIONS:
                raise FaultError(f"{target.id} is a function; take another name for this value")
            self._names[target.id] = value
            if target.id == RESULT:
                self.result_line = target.lineno
        elif isinstance(target, (ast.Tuple, ast.List)):
            values = items_of(value)
            self._fuel.burn(len(values))
            if len(values) != len(target.elts):
                raise FaultError(f"there are {len(target.elts)} names for {len(values)} values")
            for element, one in zip(target.elts, values, strict=True):
                self._assign(element, one)
        else:
            raise FaultError("a value can only be given to a name")

    def _value(self, node: ast.expr) -> Any:
        """Nothing is put right after a fault: it ends the program."""
        self._fuel.burn(limits.STEP_COST)
        self._at(node)
        if isinstance(node, ast.Constant):
            check_size(node.value)
            return node.value
        self._deeper()
        evaluate = self._rows.get(type(node))
        if evaluate is None:
            raise FaultError(f"the dialect has no {type(node).__name__} here")
        value = evaluate(node)
        self._depth -= 1
        self._at(node)
        check_size(value)
        return value

    def _list(self, node: ast.List) -> list[Any]:
        return [self._value(element) for element in node.elts]

    def _tuple(self, node: ast.Tuple) -> tuple[Any, ...]:
        return tuple([self._value(element) for element in node.elts])

    def _between(self, node: ast.BinOp) -> Any:
        first, second = self._value(node.left), self._value(node.right)
        self._at(node)
        return self._binary(type(node.op), first, second)

    def _before(self, node: ast.UnaryOp) -> Any:
        value = self._value(node.operand)
        with faults_of_musicpy():
            return operators.unary(type(node.op), value, self._fuel)

    def _chosen(self, node: ast.IfExp) -> Any:
        return self._value(node.body if operators.truth(self._value(node.test)) else node.orelse)

    def _attribute(self, node: ast.Attribute) -> Any:
        return items.attribute(self._value(node.value), node.attr, self._fuel)

    def _named(self, node: ast.Name) -> Any:
        name = node.id
        if name in self._names:
            return self._names[name]
        if name in FUNCTIONS:
            raise FaultError(f"{name} is a function: write {name}(…)")
        raise FaultError(f"there is no {name}")

    def _either_or(self, node: ast.BoolOp) -> Any:
        value: Any = None
        for one in node.values:
            value = self._value(one)
            if operators.truth(value) == isinstance(node.op, ast.Or):
                return value
        return value

    def _comparison(self, node: ast.Compare) -> bool:
        first = self._value(node.left)
        for comparison, right in zip(node.ops, node.comparators, strict=True):
            second = self._value(right)
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

    def _item(self, node: ast.Subscript) -> Any:
        owner, index = self._value(node.value), node.slice
        if not isinstance(index, ast.Slice):
            return items.item(owner, self._value(index), self._fuel)
        nodes = (index.lower, index.upper, index.step)
        bounds = [None if node is None else self._value(node) for node in nodes]
        return items.part(owner, bounds, self._fuel)

    def _comprehension(self, node: ast.ListComp | ast.GeneratorExp) -> list[Any]:
        outside = dict(self._names)
        self._fuel.burn(len(outside))
        values: list[Any] = []
        self._collect(node.elt, node.generators, values)
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
                self._deeper()
                self._collect(element, others, values)
                self._depth -= 1

    def _at(self, node: ast.stmt | ast.expr) -> None:
        self.line = node.lineno

    def _deeper(self) -> None:
        self._depth += 1
        if self._depth > limits.DEEPEST:
            raise FaultError("expressions are nested too deeply; give parts of them names")
