"""From source text to a tree that holds nothing but what the dialect has. Nothing is run here."""

from __future__ import annotations

import ast
import re
import warnings

from harmonie_daemon.compose.musicpy_code import limits
from harmonie_daemon.compose.musicpy_code.faults import FaultError

OPERATORS = (
    *(ast.Add, ast.Sub, ast.Mult, ast.Div, ast.FloorDiv, ast.Mod, ast.Pow),
    *(ast.BitOr, ast.BitAnd, ast.BitXor, ast.MatMult),
    *(ast.UAdd, ast.USub, ast.Not, ast.Invert),
    *(ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.In, ast.NotIn, ast.Is, ast.IsNot),
    *(ast.And, ast.Or),
)
STATEMENTS = (
    *(ast.Expr, ast.Assign, ast.AugAssign, ast.For, ast.If),
    *(ast.Pass, ast.Break, ast.Continue, ast.ImportFrom),
)
EXPRESSIONS = (
    *(ast.Constant, ast.Name, ast.List, ast.Tuple, ast.BinOp, ast.UnaryOp, ast.BoolOp),
    *(ast.Compare, ast.IfExp, ast.Call, ast.keyword, ast.Attribute, ast.Subscript, ast.Slice),
    *(ast.ListComp, ast.GeneratorExp, ast.comprehension),
)
CONTEXTS = (ast.Load, ast.Store, ast.alias, ast.Module)
ALLOWED = (*OPERATORS, *STATEMENTS, *EXPRESSIONS, *CONTEXTS)
"""Whatever is not here is refused, known or not."""

NAMES: dict[type[ast.AST], str] = {
    ast.Import: "import: everything is there already",
    ast.FunctionDef: "def: write it out, or use a for loop",
    ast.Lambda: "lambda: use a for loop or a list comprehension",
    ast.ClassDef: "class",
    ast.AsyncFunctionDef: "async def",
    ast.While: "while: use for … in range(…)",
    ast.Try: "try",
    ast.Raise: "raise",
    ast.With: "with",
    ast.Global: "global",
    ast.Delete: "del",
    ast.Assert: "assert",
    ast.Match: "match",
    ast.NamedExpr: ":=",
    ast.JoinedStr: "f-strings: join texts with +",
    ast.Dict: "dictionaries: use lists or separate names",
    ast.DictComp: "dictionaries: use lists or separate names",
    ast.Set: "sets: use lists",
    ast.SetComp: "sets: use lists",
    ast.Starred: "* before a value",
    ast.AnnAssign: "types after names",
    ast.Await: "await",
    ast.Yield: "yield",
    ast.YieldFrom: "yield",
    ast.LShift: "<<",
    ast.RShift: ">>",
}
"""What people try, in their words, and what to do instead."""

TEXTS_AND_COMMENTS = re.compile(
    r"""#[^\n]*|'''(?:\\.|[^\\])*?'''|\"""(?:\\.|[^\\])*?\"""|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*\"""",
    re.DOTALL,
)


class RefusedProgramError(FaultError):
    """The text is no program of the dialect; knows the line."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.line = line


def parse(source: str) -> ast.Module:
    """The tree of a program. Raises ``RefusedProgramError``."""
    _check_text(source)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # showing one would look for files
            tree = ast.parse(source)
    except SyntaxError as error:
        raise RefusedProgramError(f"this is no Python: {error.msg}", error.lineno or 1) from error
    except (RecursionError, MemoryError, ValueError) as error:
        raise RefusedProgramError("this is nested too deeply", _longest_line(source)) from error
    for count, node in enumerate(ast.walk(tree)):
        if count > limits.MOST_NODES:
            line = getattr(node, "lineno", 1)
            raise RefusedProgramError("the program is too long; write loops or longer texts", line)
        _check_node(node)
    return tree


def _check_text(source: str) -> None:
    halves = re.search("[\ud800-\udfff]", source)
    if halves:
        reason = "there is half a character (a lone surrogate)"
        raise RefusedProgramError(reason, line_at(source, halves.start()))
    if "\0" in source:
        raise RefusedProgramError("there is a NUL character", line_at(source, source.index("\0")))
    if not source.isascii():
        bare = TEXTS_AND_COMMENTS.sub(lambda found: re.sub("[^\n]", " ", found[0]), source)
        strange = re.search(r"[^\x00-\x7f]", bare)
        if strange:
            raise RefusedProgramError(
                "letters beyond ASCII belong into texts and comments",
                line_at(source, strange.start()),
            )


def _check_node(node: ast.AST) -> None:
    line: int = getattr(node, "lineno", 1)
    if not isinstance(node, ALLOWED):
        name = NAMES.get(type(node), type(node).__name__)
        raise RefusedProgramError(f"the dialect has no {name}", line)
    match node:
        case ast.ImportFrom(module="musicpy", names=[ast.alias(name="*")], level=0):
            return
        case ast.ImportFrom():
            raise RefusedProgramError("the dialect has no import but 'from musicpy import *'", line)
        case ast.Constant(value) if not (value is None or isinstance(value, int | float | str)):
            raise RefusedProgramError(f"the dialect has no {type(value).__name__} values", line)
        case ast.keyword(arg=None):
            raise RefusedProgramError("the dialect has no ** before a value", line)
        case ast.Name(id=name) | ast.Attribute(attr=name) if name.startswith("_"):
            raise RefusedProgramError(f"names that begin with _ are not part of it: {name}", line)
        case ast.comprehension(is_async=1):
            raise RefusedProgramError("the dialect has no async", line)


def _longest_line(source: str) -> int:
    """Where the parser gave up, most likely: it does not say."""
    lines = source.split("\n")
    return max(range(len(lines)), key=lambda number: len(lines[number])) + 1


def line_at(source: str, position: int) -> int:
    """The line of a position in the text, from 1."""
    return source.count("\n", 0, position) + 1
