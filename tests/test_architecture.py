"""Rules of docs/architecture.md that import-linter cannot state."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

import harmonie_daemon

PACKAGE = Path(harmonie_daemon.__file__).parent
MAY_SERVE = {"api", "web", "app", "cli", "__main__.py"}
MAY_SHARE: Mapping[str, str] = {}
"""Names of classes that stand in several modules, with the reason why none of them is renamed."""


def sources() -> Iterator[tuple[Path, ast.Module]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        yield path.relative_to(PACKAGE), ast.parse(path.read_text(encoding="utf-8"))


def imports_of(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_the_toolkit_knows_nothing_of_ours_but_the_words() -> None:
    known = ("harmonie_daemon.web", "harmonie_daemon.domain.errors", "harmonie_daemon.domain.hosts")
    offenders = {
        f"{path}: {name}"
        for path, tree in sources()
        for name in imports_of(tree)
        if path.parts[0] == "web" and name.startswith("harmonie_daemon.")
        if not name.startswith(known)
    }
    assert offenders == set()


def test_only_what_answers_imports_the_server_side_of_aiohttp() -> None:
    offenders = [
        str(path)
        for path, tree in sources()
        if path.parts[0] not in MAY_SERVE and "aiohttp.web" in set(imports_of(tree))
    ]
    assert offenders == []


def test_init_files_only_re_export() -> None:
    for path, tree in sources():
        if path.name == "__init__.py":
            kinds = {type(node) for node in tree.body}
            assert kinds <= {ast.Expr, ast.ImportFrom, ast.Import, ast.Assign}, path


def test_every_public_thing_says_what_it_is() -> None:
    silent = [
        f"{path}: {node.name}"
        for path, tree in sources()
        for node in tree.body
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and not node.name.startswith("_")
        and ast.get_docstring(node) is None
    ]
    assert silent == []


def test_no_two_classes_have_one_name() -> None:
    """Or a reader has to look at the imports to know which is meant."""
    places: dict[str, list[str]] = {}
    for path, tree in sources():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                places.setdefault(node.name, []).append(str(path))
    shared = {name: found for name, found in places.items() if len(found) > 1}
    assert {name: found for name, found in shared.items() if name not in MAY_SHARE} == {}
    assert set(shared) == set(MAY_SHARE), "an exception that is not needed any more"


def test_nothing_is_raised_inside_an_except_star() -> None:
    """Python 3.11.2, which Debian 12 has, wraps it in a group that does not say the reason."""
    offenders = [
        str(path)
        for path, tree in sources()
        for group in ast.walk(tree)
        if isinstance(group, ast.TryStar)
        for handler in group.handlers
        if any(isinstance(node, ast.Raise) for node in ast.walk(handler))
    ]
    assert offenders == []


def test_sets_of_ids_are_not_sorted_on_the_event_loop() -> None:
    """``similarity/id_sets.py`` does the same in a hundredth of the time."""
    offenders = {
        f"{path}:{node.lineno}"
        for path, tree in sources()
        if path.parts[0] in ("playlists", "discovery")
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in ("setdiff1d", "intersect1d")
    }
    assert offenders == set()
