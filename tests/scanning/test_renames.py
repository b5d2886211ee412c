"""Renames, however they chain: an id stays with its content."""

from __future__ import annotations

from itertools import permutations

import pytest

from tests.scanning.world import World

NAMES = ("01.flac", "02.flac", "03.flac", "04.flac")
FREE = "05.flac"


async def ids_by_content(world: World) -> dict[str, int]:
    """What the files say, and the track at each path."""
    return {
        (world.music / name).read_text(): track.id
        for name, track in (await world.library()).items()
    }


def rename(world: World, targets: dict[str, str]) -> None:
    """All at once, as by a script with temporary names."""
    for name in targets:
        (world.music / name).rename(world.music / f"{name}.tmp")
    for name, target in targets.items():
        (world.music / f"{name}.tmp").rename(world.music / target)


def fill(world: World) -> None:
    """Four songs of the same size, one second apart, as ripped."""
    for number, name in enumerate(NAMES):
        world.put(name, f"song {number}", age_s=1000 + number)


@pytest.mark.parametrize("whole", [True, False], ids=["whole", "watched"])
async def test_any_renaming_within_a_folder_keeps_every_id_with_its_content(
    world: World, whole: bool
) -> None:
    fill(world)
    await world.scanned()
    before = await ids_by_content(world)
    names: tuple[str, ...] = NAMES
    for targets in permutations((*NAMES, FREE), len(NAMES)):
        rename(world, dict(zip(names, targets, strict=True)))
        dirty = frozenset(str(world.music / name) for name in (*names, *targets))
        names = targets
        if whole:
            status = await world.scanned()
        else:
            await world.scan.scan_paths(dirty)
            status = await world.scan.wait()
        assert await ids_by_content(world) == before
        assert (status.full, status.failed, status.removed) == (0, 0, 0)


async def test_a_song_that_takes_the_first_place_pushes_the_others_on(world: World) -> None:
    fill(world)
    await world.scanned()
    before = await ids_by_content(world)
    rename(world, dict(zip(NAMES, (*NAMES[1:], FREE), strict=True)))
    world.put("01.flac", "song X", age_s=10)
    status = await world.scanned()
    after = await ids_by_content(world)
    assert {content: after[content] for content in before} == before
    assert after["song X"] not in before.values()
    assert (status.moved, status.full) == (4, 1)


async def test_a_song_written_over_by_another_is_gone(world: World) -> None:
    fill(world)
    await world.scanned()
    before = await ids_by_content(world)
    (world.music / "02.flac").replace(world.music / "01.flac")
    status = await world.scanned()
    after = await ids_by_content(world)
    assert after == {content: id_ for content, id_ in before.items() if content != "song 0"}
    assert (status.moved, status.removed, status.full) == (1, 1, 0)


async def test_a_file_that_only_changes_keeps_its_id(world: World) -> None:
    fill(world)
    await world.scanned()
    before = await world.library()
    world.put("01.flac", "song A", age_s=10)
    world.put("02.flac", "song 1", age_s=11)
    status = await world.scanned()
    after = await world.library()
    assert {name: track.id for name, track in after.items()} == {
        name: track.id for name, track in before.items()
    }
    assert (status.moved, status.removed, status.full) == (0, 0, 2)
