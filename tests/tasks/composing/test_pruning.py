"""What is too old or too much goes, and nothing that anybody needs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from harmonie_daemon.domain.composition import CompositionId, Origin, VersionState
from harmonie_daemon.domain.errors import CompositionNotFoundError, WorkerError
from harmonie_daemon.tasks.composing.pruning import DAY_S, EMPTY_DAYS, MOST_EMPTY
from tests.scanning.world import wait_until
from tests.tasks.composing.world import MIX_BYTES, StudioWorld, make_brief, open_world

VERSION_GB = 4 * MIX_BYTES / 1e9


async def songs(world: StudioWorld, count: int, *, days_apart: float = 1.0) -> list[CompositionId]:
    """So many, each a while after the last."""
    made = []
    for _ in range(count):
        composition, _ = await world.compose()
        made.append(composition.id)
        await world.studio.close()
        world.clock.now += days_apart * DAY_S
    return made


async def kept(world: StudioWorld) -> set[str]:
    page = await world.studio.page(limit=1000)
    with_files = {path.split("/")[0] for path in world.files()}
    assert with_files == {str(one.composition.id) for one in page.items if one.size_bytes}
    return with_files


async def test_by_age(tmp_path: Path) -> None:
    async with open_world(tmp_path, keep_days=2.5) as world:
        made = await songs(world, 5)
        await world.studio.prune()
        assert await kept(world) == set(made[3:])
        world.clock.now += 3 * DAY_S
        await world.studio.prune()
        assert await kept(world) == set()
        page = await world.studio.page()
        assert page.total == 0  # nor is anything remembered of what had its time


async def test_by_size_the_oldest_first(tmp_path: Path) -> None:
    async with open_world(tmp_path, keep_days=0, keep_gb=2.5 * VERSION_GB) as world:
        made = await songs(world, 5)
        assert await kept(world) == set(made[3:])


async def test_texts_count_and_nothing_has_to_be_composed_for_them_to_go(tmp_path: Path) -> None:
    texts, midi = {"code": "x" * 4 * MIX_BYTES}, b"MThd"
    async with open_world(tmp_path, keep_days=0, keep_gb=2.5 * VERSION_GB) as world:
        made = []
        for _ in range(5):
            piece = await world.studio.create(
                make_brief(), title="", origin=Origin.STALGIA, texts=texts
            )
            await world.studio.keep_midi(piece, midi)
            made.append(piece.id)
            world.clock.now += DAY_S
        assert await kept(world) == set(made[3:])
        assert [len((await world.studio.get(one)).texts) for one in made] == [0, 0, 0, 1, 1]


async def test_without_limits_everything_stays(tmp_path: Path) -> None:
    async with open_world(tmp_path, keep_days=0, keep_gb=0) as world:
        made = await songs(world, 3, days_apart=1000)
        await world.studio.prune()
        assert await kept(world) == set(made)


async def test_the_latest_stays_however_large(tmp_path: Path) -> None:
    async with open_world(tmp_path, keep_gb=0.1 * VERSION_GB) as world:
        made = await songs(world, 3)
        assert await kept(world) == {made[-1]}


@pytest.mark.parametrize("limits", [{"keep_days": 0.1}, {"keep_gb": 0.1 * VERSION_GB}])
async def test_nothing_is_touched_that_is_being_made(
    tmp_path: Path, limits: dict[str, Any]
) -> None:
    async with open_world(tmp_path, **limits) as world:
        first, _ = await world.compose()
        await world.studio.close()
        world.band.go.clear()
        stems = await world.studio.start_stems(first.id)
        composing, _ = await world.begin()
        await wait_until(lambda: "stems 1" in world.band.begun and len(world.files()) == 6)
        being_made = [path for path in world.files() if path.startswith(".making")]
        world.clock.now += DAY_S
        await world.studio.prune()
        assert [path for path in world.files() if path.startswith(".making")] == being_made
        assert any(path.startswith(first.id) for path in world.files())
        world.band.go.set()
        record = await world.runner.wait(stems.task_id)
        assert record is not None
        assert record.error is None
        await world.studio.close()
        version = await world.studio.version(composing.id)
        assert version is not None
        assert version.state is VersionState.COMPOSED


async def test_a_version_that_was_added_to_counts_as_new(tmp_path: Path) -> None:
    async with open_world(tmp_path, keep_days=2.5) as world:
        made = await songs(world, 2)
        world.clock.now += DAY_S / 4
        started = await world.studio.start_stems(made[0])
        await world.runner.wait(started.task_id)
        await world.studio.close()
        world.clock.now += DAY_S
        await world.studio.prune()
        assert await kept(world) == set(made)
        world.clock.now += 1.3 * DAY_S
        await world.studio.prune()
        assert await kept(world) == {made[0]}


async def test_older_versions_go_before_the_composition(tmp_path: Path) -> None:
    async with open_world(tmp_path, keep_days=0, keep_gb=1.5 * VERSION_GB) as world:
        made, _ = await world.compose()
        started = await world.studio.start(made.id)
        await world.runner.wait(started.task_id)
        await world.studio.close()
        assert {path.split("/")[1] for path in world.files()} == {"v2"}
        with pytest.raises(CompositionNotFoundError, match="no version 1"):
            await world.studio.version(made.id, 1)
        assert (await world.studio.get(made.id)).version == 2


async def test_what_came_to_nothing_does_not_stay_for_ever(tmp_path: Path) -> None:
    async with open_world(tmp_path, keep_days=0, keep_gb=0) as world:
        world.band.failure = WorkerError("no")
        await songs(world, 2)
        await world.studio.create(make_brief(), title="Idea", origin=Origin.BEATOVEN)
        await world.studio.prune()
        assert (await world.studio.page()).total == 3
        world.clock.now += EMPTY_DAYS * DAY_S + 1
        await world.studio.prune()
        assert (await world.studio.page()).total == 0


async def test_only_so_many_ideas_stay(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        for number in range(5):
            await world.studio.create(make_brief(), title=str(number), origin=Origin.BEATOVEN)
            world.clock.now += 1
        await world.store.compositions.delete_empty(before=0, most=3)
        page = await world.studio.page()
        assert [one.composition.title for one in page.items] == ["4", "3", "2"]
    assert MOST_EMPTY == 10_000


async def test_many_that_failed_do_not_hide_what_takes_room(tmp_path: Path) -> None:
    """The oldest are looked at in batches; those without files are not in them."""
    async with open_world(tmp_path, keep_days=0, keep_gb=1.5 * VERSION_GB) as world:
        made = await world.studio.create(make_brief(), title="Idea", origin=Origin.BEATOVEN)

        def fail_often(connection: Any) -> None:
            connection.executemany(
                "INSERT INTO composition_versions (composition_id, number, state, brief, seed, "
                "format, created_at, ended_at) SELECT ?, ?, 'failed', brief, 1, 'mp3', 1, 1 "
                "FROM compositions LIMIT 1",
                [(made.id, number) for number in range(1, 601)],
            )

        await world.store.database.write(fail_often)
        world.clock.now = 2.0
        made_then = await songs(world, 3, days_apart=0.001)
        assert await kept(world) == {made_then[-1]}
