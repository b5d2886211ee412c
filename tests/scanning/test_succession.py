"""A library that an earlier release heard: its vectors are turned, no file is heard again."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from harmonie_daemon.analysis.descriptors import DESCRIPTOR_VERSION
from harmonie_daemon.analysis.embeddings import (
    BEFORE_TIMBRE_MODEL,
    TIMBRE_MODEL,
    successors,
)
from harmonie_daemon.analysis.pipeline import hear
from harmonie_daemon.app import STARTUP, Core, create_app, open_core
from harmonie_daemon.config import Settings
from harmonie_daemon.domain.track import Analysis, AudioFile, Descriptors, Tags, Track
from harmonie_daemon.library.identity import fingerprint
from harmonie_daemon.scanning.succession import Succession
from tests.analysis.sounds import write
from tests.factories import make_vector
from tests.interruption import interrupted
from tests.scanning.earlier_release import sounds, unpack
from tests.scanning.ears import EFFNET
from tests.scanning.world import World
from tests.servers import daemon, serving

HEARD = 7


@pytest.fixture
async def core(tmp_path: Path) -> AsyncIterator[Core]:
    """This release, on the database of the earlier one."""
    unpack(tmp_path)
    async with open_core(Settings(data_dir=tmp_path, workers=1)) as core:
        await core.services.spaces.load()
        yield core


async def tracks_of(core: Core) -> list[Track]:
    tracks = core.services.tracks
    return await tracks.get_many([known.id for known in await tracks.known_files()])


async def neighbours(core: Core) -> set[int]:
    """How many neighbours each track that has a vector is answered with."""
    search = core.services.search
    heard = [track.id for track in await tracks_of(core) if track.model is not None]
    assert len(heard) == HEARD
    return {len((await search.similar(track_id)).matches) for track_id in heard}


async def test_nothing_is_lost_and_the_vectors_are_what_this_release_hears(
    core: Core, tmp_path: Path
) -> None:
    services = core.services
    before = await tracks_of(core)
    assert {track.model for track in before} == {BEFORE_TIMBRE_MODEL, None}
    await services.models.take_over()
    after = await tracks_of(core)
    assert {track.model for track in after} == {TIMBRE_MODEL, None}
    assert [replace(track, model=None) for track in after] == [
        replace(track, model=None) for track in before
    ]
    assert [model.name for model in await services.vectors.models()] == [TIMBRE_MODEL]
    assert services.models.active == await services.vectors.active_model() == TIMBRE_MODEL
    assert await services.vectors.unasked(TIMBRE_MODEL) == 0, "nor is what was silent"
    names = {track.id: track.file.relative_path for track in after}
    for track_id, vector in zip(*await services.vectors.load(TIMBRE_MODEL), strict=True):
        path = write(tmp_path / names[track_id], sounds()[names[track_id]])
        anew = hear(str(path), (TIMBRE_MODEL,), descriptors=False).embeddings[TIMBRE_MODEL]
        assert anew is not None
        assert float(anew @ vector) > 0.9999, names[track_id]


async def test_every_track_is_answered_at_every_moment(core: Core) -> None:
    services, last = core.services, 0
    steps = 0
    while last is not None:
        assert await neighbours(core) == {HEARD - 1}
        assert (await services.spaces.current()).model == BEFORE_TIMBRE_MODEL
        last = await services.vectors.turn(
            BEFORE_TIMBRE_MODEL, TIMBRE_MODEL, successors, after=last, limit=2
        )
        steps += 1
    assert steps == 5
    assert await neighbours(core) == {HEARD - 1}
    await services.vectors.conclude(BEFORE_TIMBRE_MODEL, TIMBRE_MODEL)
    assert await neighbours(core) == {HEARD - 1}
    assert (await services.spaces.current()).model == TIMBRE_MODEL


async def test_a_question_asked_just_before_the_change_is_answered_after_it(core: Core) -> None:
    services = core.services
    space = await services.spaces.current(BEFORE_TIMBRE_MODEL)
    await services.models.take_over()
    later = await services.spaces.current(BEFORE_TIMBRE_MODEL)
    assert later.model == TIMBRE_MODEL
    assert later.index.ids.tolist() == space.index.ids.tolist()


async def test_questions_may_be_asked_while_it_goes_on(core: Core) -> None:
    turning = asyncio.create_task(Succession(core.services.vectors, batch=1).run())
    while not turning.done():
        assert await neighbours(core) == {HEARD - 1}
    await turning
    assert await neighbours(core) == {HEARD - 1}


async def test_what_was_broken_off_is_gone_on_with(tmp_path: Path) -> None:
    unpack(tmp_path)
    settings = Settings(data_dir=tmp_path, workers=1)
    async with open_core(settings) as core:
        vectors = core.services.vectors
        last = await vectors.turn(BEFORE_TIMBRE_MODEL, TIMBRE_MODEL, successors, limit=3)
        assert last is not None
        half = {model.name: model.tracks for model in await vectors.models()}
        assert half == {BEFORE_TIMBRE_MODEL: HEARD, TIMBRE_MODEL: 3}
        assert {track.model for track in await tracks_of(core)} == {BEFORE_TIMBRE_MODEL, None}
    async with open_core(settings) as core:
        vectors = core.services.vectors
        await core.services.models.take_over()
        assert [(each.name, each.tracks) for each in await vectors.models()] == [
            (TIMBRE_MODEL, HEARD)
        ]


async def test_the_daemon_does_it_by_itself(tmp_path: Path) -> None:
    unpack(tmp_path)
    app = create_app(Settings(data_dir=tmp_path, workers=1, default_playlists=False))
    async with serving(app) as client, asyncio.timeout(20):
        await app[STARTUP].ended()
        while (status := (await client.get("/api/v1/status")).json)["active_model"] != TIMBRE_MODEL:
            await asyncio.sleep(0.01)
        assert status["by_model"] == {TIMBRE_MODEL: HEARD}
        similar = (await client.get("/api/v1/tracks/1/similar")).json
        assert len(similar["matches"]) == HEARD - 1


async def test_the_status_is_of_one_moment(tmp_path: Path) -> None:
    known = {
        BEFORE_TIMBRE_MODEL: {BEFORE_TIMBRE_MODEL: HEARD},
        TIMBRE_MODEL: {TIMBRE_MODEL: HEARD},
    }
    for reads in itertools.count(1):
        (folder := tmp_path / str(reads)).mkdir()
        unpack(folder)
        async with daemon(folder) as running:
            with interrupted(reads, running.services.models.take_over) as interruption:
                status = (await running.client.get("/api/v1/status")).json
            assert status["by_model"] == known[status["active_model"]], f"before read {reads}"
            if not interruption.happened:
                break
    assert reads > 2


async def heard_before(world: World, *names: str, active: str = BEFORE_TIMBRE_MODEL) -> None:
    """Let these files be known as the earlier release heard them."""
    for number, name in enumerate(names, 1):
        path = world.put(name)
        stat = path.stat()
        file = AudioFile(str(world.music), name, stat.st_size, stat.st_mtime_ns)
        vectors = {BEFORE_TIMBRE_MODEL: make_vector(1.0, float(number))}
        if active == EFFNET:
            vectors[EFFNET] = make_vector(1.0, float(number))[:5]
        heard = Analysis(10.0, Descriptors(bpm=1.0), DESCRIPTOR_VERSION, embeddings=vectors)
        await world.tracks.save(file, fingerprint(str(path), stat.st_size), Tags(), heard, ())
    await world.vectors.activate(active)
    await world.models.look()


async def test_a_scan_hears_no_known_file_again(world: World) -> None:
    await heard_before(world, "a.flac", "b.flac")
    world.put("new.flac")
    status = await world.scanned()
    assert (status.full, status.embeddings_only, status.skipped) == (1, 0, 2)
    assert await world.with_model(TIMBRE_MODEL) == {"a.flac", "b.flac", "new.flac"}
    assert await world.with_model(BEFORE_TIMBRE_MODEL) == set()
    assert world.models.active == TIMBRE_MODEL
    assert {track.model for track in (await world.library()).values()} == {TIMBRE_MODEL}


async def test_vectors_kept_for_want_of_weights_are_turned_and_answer_no_more_than_before(
    world: World,
) -> None:
    world.shelf.put()
    await heard_before(world, "a.flac", "b.flac", active=EFFNET)
    status = await world.scanned()
    assert (status.full, status.embeddings_only) == (0, 0)
    assert world.models.active == EFFNET
    assert await world.with_model(TIMBRE_MODEL) == {"a.flac", "b.flac"}
    assert {track.model for track in (await world.library()).values()} == {EFFNET}


async def test_a_file_that_changed_meanwhile_keeps_what_was_heard_last(world: World) -> None:
    await heard_before(world, "a.flac", "b.flac")
    known = await world.library()
    newest = make_vector(0.0, 0.0, 1.0)
    again = Analysis(10.0, Descriptors(), DESCRIPTOR_VERSION, embeddings={TIMBRE_MODEL: newest})
    file = known["a.flac"].file
    await world.tracks.save(replace(file, mtime_ns=file.mtime_ns + 1), None, Tags(), again, ())
    await world.models.take_over()
    ids, vectors = await world.vectors.load(TIMBRE_MODEL)
    assert len(ids) == 2
    assert vectors[ids.tolist().index(known["a.flac"].id)].tolist() == newest.tolist()
