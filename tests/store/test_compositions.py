"""Compositions come back as they were saved, and a thousand of them in pages."""

from __future__ import annotations

import dataclasses

import pytest

from harmonie_daemon.domain.brief import (
    Brief,
    BriefSection,
    Emotion,
    Genre,
    MusicalKey,
    Stem,
    TempoWord,
)
from harmonie_daemon.domain.composition import (
    LARGEST_SEED,
    AudioFormat,
    Composition,
    CompositionFile,
    CompositionId,
    FileKind,
    Origin,
    SectionTake,
    VersionState,
)
from harmonie_daemon.domain.task import TaskId
from harmonie_daemon.store import composition_sql
from harmonie_daemon.store.compositions import Compositions
from harmonie_daemon.store.database import Database
from harmonie_daemon.store.rows import fetch
from tests.store.statements import plans

BRIEF = Brief(
    Genre.RNB,
    TempoWord.SLOW,
    (BriefSection(Emotion.SAD, 0, 5_000), BriefSection(Emotion.JOYFUL, 5_000, 7_000)),
    title="Blue",
    bpm=71.5,
    key=MusicalKey(3, "minor"),
    looping=True,
    without=frozenset({Stem.BASS}),
    programs=((Stem.MELODY, 40),),
)
FILES = (
    CompositionFile(FileKind.MIX, "compositions/a/v1/mix.mp3", "mp3", size_bytes=7),
    CompositionFile(
        FileKind.PREVIEW,
        "compositions/a/v1/s.mp3",
        "mp3",
        section=0,
        take=3,
        duration_ms=5_000,
        size_bytes=2,
    ),
    CompositionFile(
        FileKind.STEM,
        "compositions/a/v1/t.mp3",
        "mp3",
        section=1,
        instrument="bass-synth",
        size_bytes=1,
    ),
)
TAKES = (SectionTake(0, 0, LARGEST_SEED, ("bass-synth", "melody-flute"), 5_000),)


@pytest.fixture
def compositions(db: Database) -> Compositions:
    return Compositions(db)


def make_composition(name: str = "a", *, at: float = 1.0, origin: Origin = Origin.BEATOVEN):
    return Composition(CompositionId(name), "Blue", at, BRIEF, "a sad\nsong", origin)


async def test_a_composition_and_its_version_come_back_whole(compositions: Compositions) -> None:
    made = dataclasses.replace(make_composition(), texts={"code": "result = 1"})
    await compositions.add(made)
    assert await compositions.get(made.id) == made
    assert await compositions.get(CompositionId("b")) is None
    begun = await compositions.begin_version(
        made, seed=LARGEST_SEED, format=AudioFormat.OPUS, at=2.0
    )
    assert begun is not None
    assert (begun.number, begun.state, begun.seed) == (1, VersionState.WAITING, LARGEST_SEED)
    await compositions.set_task(begun, TaskId("t"))
    await compositions.set_stems_task(begun, TaskId("u"))
    assert await compositions.complete(
        begun, takes=TAKES, files=reversed(FILES), loudness_lufs=-14.02, at=3.0
    )
    await compositions.set_library_path(begun, "/music/\udcff.opus")
    found = await compositions.version(made.id)
    assert found == dataclasses.replace(
        begun,
        state=VersionState.COMPOSED,
        ended_at=3.0,
        task_id=TaskId("t"),
        stems_task_id=TaskId("u"),
        loudness_lufs=-14.02,
        takes=TAKES,
        files=FILES,
        library_path="/music/\udcff.opus",
    )
    assert found.brief == BRIEF
    assert await compositions.of_task(TaskId("t")) == await compositions.of_task(TaskId("u"))
    assert await compositions.of_task(TaskId("v")) is None
    assert await compositions.total_bytes() == 10 + len('{"code": "result = 1"}')


async def test_what_has_ended_never_changes(compositions: Compositions) -> None:
    made = make_composition()
    await compositions.add(made)
    begun = await compositions.begin_version(made, seed=None, format=AudioFormat.MP3, at=1.0)
    assert begun is not None
    await compositions.set_state("a", 1, VersionState.CANCELLED, at=2.0)
    assert not await compositions.complete(begun, takes=(), files=FILES, loudness_lufs=0, at=3.0)
    await compositions.set_state("a", 1, VersionState.FAILED, error="late", at=3.0)
    assert await compositions.interrupt("restart", 4.0) == []
    found = await compositions.version(made.id)
    assert found is not None
    assert (found.state, found.error, found.files) == (VersionState.CANCELLED, None, ())


async def test_numbers_are_never_given_anew(compositions: Compositions) -> None:
    made = make_composition()
    await compositions.add(made)
    for number in (1, 2):
        begun = await compositions.begin_version(made, seed=1, format=AudioFormat.MP3, at=1.0)
        assert begun is not None
        assert begun.number == number
        await compositions.delete_version(made.id, number)


async def test_deleting_takes_everything_along(compositions: Compositions, db: Database) -> None:
    made = make_composition()
    await compositions.add(made)
    begun = await compositions.begin_version(made, seed=1, format=AudioFormat.MP3, at=1.0)
    assert begun is not None
    await compositions.complete(begun, takes=(), files=FILES, loudness_lufs=None, at=2.0)
    assert await compositions.delete(made.id)
    assert not await compositions.delete(made.id)
    assert await compositions.begin_version(made, seed=1, format=AudioFormat.MP3, at=1.0) is None
    assert not await compositions.add_files(made.id, 1, FILES, at=3.0)
    for table in ("composition_versions", "composition_files"):
        count = await db.read(
            lambda read, table=table: fetch(read, f"SELECT count(*) FROM {table}")
        )
        assert count == [(0,)]


async def test_a_thousand_are_listed_in_pages_the_newest_first(
    compositions: Compositions,
) -> None:
    for number in range(1000):
        origin = Origin.STALGIA if number % 10 == 0 else Origin.BEATOVEN
        await compositions.add(make_composition(f"{number:04}", at=float(number), origin=origin))
    page = await compositions.page(None, limit=50, offset=100)
    assert (page.total, len(page.items)) == (1000, 50)
    assert [one.composition.created_at for one in page.items] == [
        float(at) for at in range(899, 849, -1)
    ]
    page = await compositions.page(Origin.STALGIA, limit=5, offset=0)
    assert page.total == 100
    assert [one.composition.id for one in page.items] == ["0990", "0980", "0970", "0960", "0950"]
    assert (await compositions.page(None, limit=50, offset=5000)).items == ()


async def test_a_page_is_found_by_an_index(db: Database) -> None:
    steps = await plans(db, lambda read: fetch(read, composition_sql.PAGE, (True, None, 10, 0)))
    assert "SCAN compositions USING INDEX compositions_by_created_at" in steps
    assert not any("TEMP B-TREE" in step for step in steps), steps
