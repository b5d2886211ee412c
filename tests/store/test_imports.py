"""Two SQLite libraries in one process break each other's file locks; one module has the driver."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import harmonie_daemon

PACKAGE = Path(harmonie_daemon.__file__).parent
DRIVERS = {"apsw", "sqlite3", "pysqlite3", "sqlean", "sqlite_vec", "_sqlite3"}


def imported_packages(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module.split(".")[0]


def drivers_by_module(folder: Path) -> dict[str, set[str]]:
    found = {}
    for path in sorted(folder.rglob("*.py")):
        drivers = DRIVERS & set(imported_packages(path.read_text(encoding="utf-8")))
        if drivers:
            found[path.relative_to(folder).as_posix()] = drivers
    return found


def test_only_the_driver_module_imports_the_sqlite_driver() -> None:
    assert drivers_by_module(PACKAGE) == {"store/driver.py": {"apsw", "sqlite_vec"}}


def test_no_test_imports_a_sqlite_driver() -> None:
    assert drivers_by_module(Path(__file__).parents[1]) == {}
