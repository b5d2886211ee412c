"""Another library is chosen: the former one's analysis is hidden, kept for a while, and back."""

from __future__ import annotations

import logging
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from tests.scanning.world import World

DAY_S = 86_400.0


def choose(world: World, *roots: Path, forget_after_days: float = 30.0) -> None:
    """From now on these folders are the library."""
    world.scan._tools = replace(
        world.scan._tools,
        roots=tuple(map(str, roots)),
        forget_after_s=forget_after_days * DAY_S,
    )


@pytest.fixture
def other(world: World) -> Path:
    """Another library, with a file of its own."""
    folder = world.music.with_name("other")
    folder.mkdir()
    (folder / "other.flac").write_text("something else")
    return folder


async def ids(world: World) -> dict[str, int]:
    return {name: int(track.id) for name, track in (await world.library()).items()}


async def test_the_former_library_is_hidden_and_back_without_being_heard_again(
    world: World, other: Path, caplog: pytest.LogCaptureFixture
) -> None:
    world.put("a.flac")
    world.put("broken.flac", "broken")
    await world.scanned()
    before = await ids(world)
    choose(world, other)
    caplog.set_level(logging.INFO)
    status = await world.scanned()
    assert (status.hidden, status.removed, status.full) == (2, 0, 1)
    assert set(await ids(world)) == {"other.flac"}
    assert "they are kept for 30 d 0 h" in caplog.text
    again = await world.scanned()
    assert (again.hidden, again.removed) == (0, 0)
    choose(world, world.music, other)
    status = await world.scanned()
    assert (status.returned, status.full, status.failed, status.skipped) == (2, 0, 0, 3)
    assert {name: (await ids(world))[name] for name in before} == before


async def test_a_library_is_back_when_the_daemon_starts_even_without_a_scan(
    world: World, other: Path
) -> None:
    world.put("a.flac")
    await world.scanned()
    choose(world, other)
    await world.scanned()
    choose(world, world.music)
    await world.scan.load()
    assert "a.flac" in await ids(world)


async def test_it_is_forgotten_after_the_days_that_are_configured(
    world: World, other: Path
) -> None:
    world.put("a.flac")
    await world.scanned()
    choose(world, other)
    await world.scanned()
    world.clock.now += 29 * DAY_S
    assert (await world.scanned()).removed == 0
    world.clock.now += 2 * DAY_S
    assert (await world.scanned()).removed == 1
    assert len(await world.tracks.known_files()) == 1


async def test_at_once_if_so_configured(world: World, other: Path) -> None:
    world.put("a.flac")
    await world.scanned()
    choose(world, other, forget_after_days=0)
    status = await world.scanned()
    assert (status.hidden, status.removed) == (1, 1)
    assert len(await world.tracks.known_files()) == 1


async def test_nothing_is_hidden_or_forgotten_while_a_root_is_missing(
    world: World, other: Path
) -> None:
    """A typing error beside a library that is right: the only thing that guards the wrong one's."""
    world.put("a.flac")
    await world.scanned()
    misspelled = world.music.with_name("mussic")
    choose(world, other, misspelled, forget_after_days=0)
    status = await world.scanned()
    assert (status.missing_roots, status.full) == ((str(misspelled),), 1)
    assert (status.hidden, status.removed) == (0, 0)
    assert set(await ids(world)) == {"a.flac", "other.flac"}


async def test_nothing_hidden_is_forgotten_while_a_root_is_missing(
    world: World, other: Path
) -> None:
    world.put("a.flac")
    await world.scanned()
    choose(world, other)
    await world.scanned()
    choose(world, other, world.music.with_name("mussic"))
    world.clock.now += 100 * DAY_S
    assert (await world.scanned()).removed == 0
    assert len(await world.tracks.known_files()) == 2


async def test_a_file_that_moves_from_a_hidden_folder_into_the_library_keeps_its_id(
    world: World, other: Path
) -> None:
    world.put("a.flac")
    await world.scanned()
    before = await ids(world)
    choose(world, other)
    await world.scanned()
    shutil.move(world.music / "a.flac", other / "moved.flac")
    status = await world.scanned()
    assert (status.moved, status.full) == (1, 0)
    assert (await ids(world))["moved.flac"] == before["a.flac"]


async def test_a_hidden_copy_does_not_keep_a_moved_file_from_being_followed(
    world: World, other: Path
) -> None:
    world.put("a.flac", "the same")
    await world.scanned()
    shutil.copy2(world.music / "a.flac", other / "copy.flac")
    choose(world, world.music, other)
    await world.scanned()
    choose(world, other)
    await world.scanned()
    before = await ids(world)
    (other / "copy.flac").rename(other / "renamed.flac")
    status = await world.scanned()
    assert (status.moved, status.full) == (1, 0)
    assert (await ids(world))["renamed.flac"] == before["copy.flac"]
