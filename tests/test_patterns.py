"""No regular expression of ours can be made to look back for ever."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
import string
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

import harmonie_daemon

METHODS = {"match", "fullmatch", "search", "sub", "split", "findall", "finditer"}
LENGTHS = (16, 64, 256, 1024, 4096)
LONGEST_S = 0.5
"""Of CPU time for 4,096 characters: a quadratic pattern passes, anything beyond does not."""
PIECES = (*" \t\n09aAzZ.,-+/\\\0é\u3000", "1.", "1 ", "a ", "..", "ab", "\r\n")


@dataclass(frozen=True)
class Use:
    """A pattern and the method that is called with what came from outside."""

    pattern: re.Pattern[str] | re.Pattern[bytes]
    method: str

    def took_s(self, text: str) -> float:
        is_text = isinstance(self.pattern.pattern, str)
        replacement = ("" if is_text else b"",) if self.method == "sub" else ()
        start_s = time.process_time()
        found = getattr(self.pattern, self.method)(*replacement, text if is_text else text.encode())
        if self.method == "finditer":
            list(found)
        return time.process_time() - start_s

    def __str__(self) -> str:
        return f"{self.method} {self.pattern.pattern!r}"


def uses() -> Iterator[Use]:
    """Every use of a pattern in the package: as a literal, or compiled at the top of a module."""
    for module in pkgutil.walk_packages(harmonie_daemon.__path__, "harmonie_daemon."):
        if not module.name.endswith("__main__"):
            loaded = importlib.import_module(module.name)
            yield from uses_in(Path(str(loaded.__file__)), vars(loaded))


def uses_in(file: Path, names: Mapping[str, object]) -> Iterator[Use]:
    for call in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        match call:
            case ast.Call(ast.Attribute(ast.Name("re"), name), [ast.Constant(text), *_]):
                if name in METHODS:
                    yield Use(re.compile(text), name)
            case ast.Call(ast.Attribute(ast.Name(variable), name)):
                pattern = names.get(variable)
                if name in METHODS and isinstance(pattern, re.Pattern):
                    yield Use(pattern, name)


def attacks(pattern: str) -> Iterator[tuple[str, str]]:
    """What repeats, and what keeps the end from matching."""
    own = {char for char in pattern if char not in string.punctuation}
    for piece in (*PIECES, *sorted(own)):
        for end in ("", "!", "\n", "x"):
            yield piece, end


USES = {str(use): use for use in uses()}


def test_the_patterns_are_found() -> None:
    assert len(USES) > 25


@pytest.mark.parametrize("use", USES.values(), ids=USES)
def test_no_text_keeps_a_pattern_busy(use: Use) -> None:
    for piece, end in attacks(str(use.pattern.pattern)):
        for length in LENGTHS:
            text = piece * (length // len(piece)) + end
            assert use.took_s(text) < LONGEST_S, (piece, end, length)
