"""What is heard anew when the descriptors, the models or the weights have changed."""

from __future__ import annotations

from harmonie_daemon.analysis.descriptors import DESCRIPTOR_VERSION
from harmonie_daemon.analysis.embeddings import BUILTIN_MODEL
from tests.scanning.ears import EFFNET
from tests.scanning.world import World, wait_until

NAMES = ("a.flac", "b.flac", "c.flac")


async def fill(world: World) -> None:
    """Three tracks, the last the newest, heard by the built-in model."""
    for number, name in enumerate(NAMES):
        world.put(name, age_s=9000 - number)
    assert (await world.scanned()).full == 3


async def test_stale_descriptors_alone_are_measured_without_a_model(world: World) -> None:
    await fill(world)
    before = await world.vectors.load(BUILTIN_MODEL)
    await world.grow_old("a.flac", "c.flac")
    status = await world.scanned()
    assert (status.descriptors_only, status.full, status.embeddings_only) == (2, 0, 0)
    assert (status.skipped, status.to_do, status.done) == (1, 2, 2)
    track = (await world.library())["a.flac"]
    assert track.descriptor_version == DESCRIPTOR_VERSION
    assert track.descriptors.bpm == len("this is a.flac")
    assert (await world.vectors.load(BUILTIN_MODEL))[1].tolist() == before[1].tolist()


async def test_weights_that_arrive_later_change_the_model_when_all_is_heard(world: World) -> None:
    await fill(world)
    assert (world.models.active, world.models.wanted) == (BUILTIN_MODEL, (BUILTIN_MODEL,))
    world.shelf.put()
    (world.music / "a.flac").rename(world.music / "slow.flac")
    await world.scanned()  # the move, and with it the change of models
    assert world.models.active == EFFNET
    assert await world.vectors.active_model() == EFFNET
    status = world.finished[-1]
    assert (status.embeddings_only, status.to_embed, status.full) == (3, 3, 0)
    for track in (await world.library()).values():
        assert track.model == EFFNET
        assert track.descriptors.bpm
        assert track.styles[0].probability > 0.89


async def test_until_then_the_old_model_answers_and_it_goes_newest_first(world: World) -> None:
    await fill(world)
    world.twist("a.flac", "slow")
    world.shelf.put()
    await world.scan.start()
    await wait_until(lambda: world.scan.status().embeddings_only == 2)
    assert await world.with_model(EFFNET) == {"b.flac", "c.flac"}
    assert world.models.active == BUILTIN_MODEL
    assert {track.model for track in (await world.library()).values()} == {BUILTIN_MODEL}
    assert await world.models.notes() == [
        f"1 tracks are still to be heard with {EFFNET}; until then {BUILTIN_MODEL} answers"
    ]
    await world.scan.cancel()
    world.twist("a.flac", "this is a.flac")
    status = await world.scanned()
    assert (status.embeddings_only, world.models.active) == (1, EFFNET)
    assert await world.models.notes() == []


async def test_new_tracks_are_heard_by_both_during_the_change_and_by_one_after_it(
    world: World,
) -> None:
    await fill(world)
    world.shelf.put()
    world.put("new.flac", age_s=50)
    assert (await world.scanned()).full == 1
    assert "new.flac" in await world.with_model(BUILTIN_MODEL)
    assert "new.flac" in await world.with_model(EFFNET)
    world.put("newer.flac", age_s=40)
    assert (await world.scanned()).embeddings_only == 0
    assert "newer.flac" not in await world.with_model(BUILTIN_MODEL)
    assert (await world.library())["newer.flac"].model == EFFNET


async def test_with_weights_from_the_start_there_is_nothing_to_change(world: World) -> None:
    world.shelf.put()
    await fill(world)
    assert world.models.active == EFFNET
    assert await world.with_model(BUILTIN_MODEL) == set()


async def test_stale_descriptors_and_a_new_model_are_one_hearing(world: World) -> None:
    await fill(world)
    await world.grow_old(*NAMES)
    world.shelf.put()
    status = await world.scanned()
    assert (status.full, status.descriptors_only, status.embeddings_only) == (3, 0, 0)
    assert world.models.active == EFFNET


async def test_without_weights_the_builtin_model_works_and_the_status_says_why(
    world: World,
) -> None:
    await world.models.look()
    assert await world.models.notes() == [
        f"{EFFNET} cannot be used: no weights; {BUILTIN_MODEL} is used instead"
    ]
    world.shelf.put(text="torn")
    await fill(world)
    assert await world.models.notes() == [
        f"{EFFNET} cannot be used: a bad checksum; {BUILTIN_MODEL} is used instead"
    ]


async def test_weights_that_cannot_be_loaded_are_no_failure_of_any_file(world: World) -> None:
    await fill(world)
    world.shelf.put(text="damaged")
    world.put("new.flac", age_s=50)
    status = await world.scanned()
    assert (status.full, status.failed, status.embeddings_only) == (1, 0, 0)
    assert (status.to_do, status.done) == (1, 1)
    assert await world.tracks.failures() == []
    assert await world.with_model(BUILTIN_MODEL) == {*NAMES, "new.flac"}
    assert (world.models.active, world.models.wanted) == (BUILTIN_MODEL, (BUILTIN_MODEL,))
    assert await world.models.notes() == [
        f"{EFFNET} cannot be used: the weights cannot be loaded; {BUILTIN_MODEL} is used instead"
    ]
    world.shelf.put(text="good")
    assert (await world.scanned(force=True)).full == 4
    assert world.models.active == EFFNET


async def test_a_model_that_fails_at_every_file_is_set_aside(world: World) -> None:
    for number in range(6):
        world.put(f"{number}.flac", age_s=100 + number)
    world.shelf.put(text="fatal")
    status = await world.scanned()
    assert (status.full, status.failed) == (6, 0)
    assert await world.tracks.failures() == []
    assert len(await world.with_model(BUILTIN_MODEL)) == 6
    (note,) = await world.models.notes()
    assert "an operator is not implemented" in note
    assert await world.vectors.unasked(EFFNET) == 6, "nobody was told that it has no answer"


async def test_a_file_that_only_one_model_trips_over_does_not_hold_up_the_others(
    world: World,
) -> None:
    await fill(world)
    world.put("odd.flac", "odd", age_s=20_000)
    await world.scanned()
    world.shelf.put(text="picky")
    status = await world.scanned()
    assert (status.embeddings_only, status.failed) == (4, 0)
    assert world.models.active == EFFNET
    assert await world.with_model(EFFNET) == set(NAMES)
    assert "odd.flac" in await world.with_model(BUILTIN_MODEL)
    assert (await world.scanned()).to_do == 0


async def test_a_track_that_cannot_be_heard_anew_keeps_what_it_has(world: World) -> None:
    await fill(world)
    world.twist("b.flac", "broken")
    world.shelf.put()
    status = await world.scanned()
    assert (status.embeddings_only, status.failed) == (2, 1)
    assert set(await world.library()) == set(NAMES)
    assert await world.tracks.failures() == []
    assert world.models.active == EFFNET


async def test_tracks_out_of_reach_do_not_hold_up_the_change(world: World) -> None:
    await fill(world)
    away = world.music.rename(world.music.with_name("unplugged"))
    world.shelf.put()
    await world.scanned()
    assert world.models.active == BUILTIN_MODEL, "no track at all has been heard by it"
    away.rename(world.music)
    assert (await world.scanned()).embeddings_only == 3
    assert world.models.active == EFFNET


async def test_weights_that_go_leave_the_answers_until_the_builtin_model_has_caught_up(
    world: World,
) -> None:
    world.shelf.put()
    await fill(world)
    (world.shelf.folder / EFFNET).unlink()
    await world.models.look()
    assert (world.models.active, world.models.wanted) == (EFFNET, (BUILTIN_MODEL,))
    assert (await world.scanned()).embeddings_only == 3
    assert world.models.active == BUILTIN_MODEL
    styles = {track.styles for track in (await world.library()).values()}
    assert len(styles) == 1 and styles != {()}, "what the classifier heard is still true"
