"""Thirty questions in words to real music: the package that ought to leads the answer.

Needs a database in which the ``medium`` library of ../shared/library/build has been analysed;
.ci/run makes one. The list was written down before any answer was looked at.
"""

from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest

from harmonie_daemon.discovery.discovery import Discovery
from harmonie_daemon.similarity.resolve import Resolver
from harmonie_daemon.similarity.space import Spaces
from harmonie_daemon.store.opening import open_store

DATABASE = os.environ.get("HARMONIE_TEST_MEDIUM_DATABASE")
QUESTIONS = Path(__file__).parents[1] / "data" / "discovery_queries.txt"
LOOKED_AT = 5
LEAST_RIGHT = 25


def questions() -> list[tuple[str, str]]:
    """What is asked, and the package that ought to lead."""
    lines = QUESTIONS.read_text(encoding="utf-8").splitlines()
    pairs = [line.split(" = ") for line in lines if line and not line.startswith("#")]
    return [(asked, package) for asked, package in pairs]


def leader(packages: Sequence[str]) -> str | None:
    """The package with the most of the first hits; of equals the one whose best comes first."""
    counts = Counter(packages[:LOOKED_AT])
    return max(
        counts, key=lambda package: (counts[package], -packages.index(package)), default=None
    )


def test_there_are_thirty_questions() -> None:
    assert len(questions()) == len({asked for asked, _ in questions()}) == 30


@pytest.mark.skipif(not DATABASE, reason="needs an analysed library: .ci/run makes one")
async def test_the_right_music_leads(tmp_path: Path) -> None:
    path = tmp_path / "harmonie.db"
    shutil.copy(str(DATABASE), path)
    async with open_store(path, lambda: 0.0) as store:
        await store.tracks.collect_words()
        spaces = Spaces(store.vectors)
        await spaces.load()
        discovery = Discovery(store.tracks, store.vectors, spaces, Resolver(store.tracks))
        wrong = []
        for asked, package in questions():
            found = await discovery.discover(asked, limit=LOOKED_AT)
            tracks = await store.tracks.get_many([hit.track_id for hit in found.hits])
            led = leader([track.file.relative_path.partition("/")[0] for track in tracks])
            print(f"{'ok' if led == package else 'NO':3} {asked}: {led}")
            if led != package:
                wrong.append(f"{asked}: {led} leads, not {package}")
        spaces.close()
    assert len(questions()) - len(wrong) >= LEAST_RIGHT, wrong
