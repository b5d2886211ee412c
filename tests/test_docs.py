"""What the documents name is there."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

PROJECT = Path(__file__).parents[1]
PAGES = [
    p for where in ("*.md", "docs/**/*.md", "integrations/**/*.md") for p in PROJECT.glob(where)
]
BELOW = [PROJECT, PROJECT / "harmonie_daemon", PROJECT / "harmonie_daemon" / "compose"]
"""Where a path of the documents begins."""


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(PROJECT)))
def test_files_and_pages_that_a_page_names_are_there(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    named = re.findall(r"[`(]((?:[a-z_]+/)+[a-z0-9_]+\.(?:py|sql|txt|toml|json))[`)]", text)
    gone = [name for name in named if not any((root / name).exists() for root in BELOW)]
    linked = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text)
    assert gone + [link for link in linked if not (page.parent / link).exists()] == []


def test_every_package_has_its_row_in_the_architecture() -> None:
    text = (PROJECT / "docs/architecture.md").read_text(encoding="utf-8")
    rows = [row for row in text.splitlines() if row.startswith("| `")]
    named = {name for row in rows for name in re.findall(r"`([a-z]+)/`", row)}
    packages = {init.parent.name for init in PROJECT.glob("harmonie_daemon/*/__init__.py")}
    assert packages - named == set()


def test_every_dependency_says_what_it_is_for() -> None:
    page = PROJECT / "docs/decisions/0006-dependencies.md"
    said = set(re.findall(r"[a-z0-9_-]+", page.read_text(encoding="utf-8").lower()))
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"].values()
    wanted = [*project["dependencies"], *(one for extra in extras for one in extra)]
    names = {Requirement(one).name.lower() for one in wanted}
    assert names - said == set()


def test_no_word_is_twice_in_the_glossary() -> None:
    rows = (PROJECT / "docs/glossary.md").read_text(encoding="utf-8").splitlines()
    words = [row.split("|")[1].strip() for row in rows if row.startswith("| ")]
    assert len(words) > 50
    assert sorted(words) == sorted(set(words))
