"""Hidden files are in no answer, whoever asks and in whatever way; they come back as they were."""

from __future__ import annotations

import pytest

from harmonie_daemon.domain.errors import TrackNotFoundError
from harmonie_daemon.domain.filters import Range, TrackFilter
from harmonie_daemon.store import track_queries, veil
from harmonie_daemon.store.connection import Connection
from harmonie_daemon.store.database import Database
from harmonie_daemon.store.rows import fetch
from harmonie_daemon.store.tracks import Tracks
from harmonie_daemon.store.vectors import Vectors
from tests.factories import MODEL, make_file, make_styles, make_track, make_vector
from tests.store.statements import plans

OLD, NEW = "/old", "/new"


async def two_libraries(tracks: Tracks) -> tuple[int, int]:
    """A track in each, with something in every table."""
    ids = []
    for root in (OLD, NEW):
        styles = make_styles("Electronic---House")
        vector = make_vector(1.0, 0.5)
        ids.append(
            await make_track(
                tracks, "a.flac", root=root, vector=vector, styles=styles, unmapped=("Odd",)
            )
        )
        await tracks.record_failure(make_file("broken.flac", root), None, "no audio in it")
    return int(ids[0]), int(ids[1])


async def hide_old(tracks: Tracks) -> int:
    return await tracks.hide([row.id for row in await tracks.known_files() if row.file.root == OLD])


async def test_no_table_that_speaks_of_tracks_shows_a_hidden_one(
    db: Database, tracks: Tracks
) -> None:
    old, new = await two_libraries(tracks)
    assert await hide_old(tracks) == 2

    def ids_in_every_table(connection: Connection) -> dict[str, set[int]]:
        tables = fetch(
            connection,
            "SELECT t.name, c.name FROM main.sqlite_schema t JOIN pragma_table_info(t.name, 'main')"
            " c WHERE t.type = 'table' AND c.name = 'track_id' AND t.name <> 'changes'",
        )
        keys = [*tables, ("files", "id"), ("tracks", "id")]
        return {
            table: {id_ for (id_,) in fetch(connection, f"SELECT {key} FROM {table}")}
            for table, key in keys
        }

    shown = await db.read(ids_in_every_table)
    assert {"files", "tracks", "embeddings", "track_styles", "unmapped_genres", "vec_1"} <= set(
        shown
    )
    everything = set().union(*shown.values())
    assert new in everything and old not in everything
    assert len(everything) == 2, "the track and the broken file of the library"


async def test_a_table_that_comes_later_is_veiled_too(db: Database, tracks: Tracks) -> None:
    old, new = await two_libraries(tracks)
    await hide_old(tracks)
    assert len(await tracks.facets()) == 1
    await db.write(
        lambda connection: connection.execute("CREATE TABLE later (track_id INTEGER) STRICT")
    )
    await db.write(
        lambda connection: connection.execute(f"INSERT INTO later VALUES ({old}), ({new})")
    )
    assert await db.read(lambda read: fetch(read, "SELECT track_id FROM later")) == [(new,)]


async def test_what_is_hidden_is_gone_from_every_answer_and_back_as_it_was(
    db: Database, tracks: Tracks
) -> None:
    old, new = await two_libraries(tracks)
    vectors = Vectors(db)

    async def answers() -> list[object]:
        page = await tracks.list(TrackFilter(), limit=10, offset=0)
        by_path = await tracks.list(TrackFilter(), order_by="path", limit=10, offset=0)
        counts = await tracks.counts()
        loaded, _ = await vectors.load(MODEL)
        return [
            [int(track.id) for track in page.items],
            page.total,
            [int(track.id) for track in by_path.items],
            [int(facet.id) for facet in await tracks.facets()],
            [int(key.id) for key in await tracks.paths_and_ids()],
            (await tracks.matching_ids(TrackFilter(ranges={"bpm": Range(100, 140)}))).tolist(),
            (await tracks.matching_ids(TrackFilter(genres=("electronic",)))).tolist(),
            sorted(await tracks.newest(10)),
            loaded.tolist(),
            (counts.tracks, counts.failed, dict(counts.by_model)),
            [(genre.genre, genre.track_count) for genre in await tracks.genres()],
            [(style.style, style.track_count) for style in await tracks.styles()],
            await tracks.unmapped_genres(5),
            sorted(path for path, _ in await tracks.failures()),
            [model.tracks for model in await vectors.models()],
        ]

    before = await answers()
    generation = await vectors.generation()
    await hide_old(tracks)
    hidden = await answers()
    assert hidden == [
        [new],
        1,
        *[[new]] * 7,
        (1, 1, {MODEL: 1}),
        [("Electronic", 1)],
        [("Electronic---House", 1)],
        [("Odd", 1)],
        [f"{NEW}/broken.flac"],
        [1],
    ]
    with pytest.raises(TrackNotFoundError):
        await tracks.get(old)  # type: ignore[arg-type]
    assert await vectors.changes_since(generation), "whoever keeps a copy hears of it"
    assert (await tracks.counts()).hidden == 2
    assert len(await tracks.known_files()) == 4, "a scan sees them"
    assert await tracks.show_below([OLD]) == 2
    assert await answers() == before
    assert (await tracks.counts()).hidden == 0


async def test_hidden_files_are_forgotten_when_it_is_time_and_not_before(
    db: Database, tracks: Tracks
) -> None:
    await two_libraries(tracks)
    await hide_old(tracks)
    assert await hide_old(tracks) == 0, "the time counts from the first"
    ((since,),) = await db.read(lambda read: fetch(read, "SELECT min(since) FROM hidden_files"))
    assert await tracks.forget_hidden(since - 1) == 0
    assert await tracks.forget_hidden(since) == 2
    assert [row.file.root for row in await tracks.known_files()] == [NEW, NEW]


async def test_a_filter_is_as_quick_while_something_is_hidden(db: Database, tracks: Tracks) -> None:
    await two_libraries(tracks)
    await hide_old(tracks)
    for _ in db._readers:
        await tracks.counts()
    narrow = TrackFilter(ranges={"bpm": Range(120.0, 120.1)})
    steps = await plans(db, lambda read: track_queries.page(read, narrow, "id", MODEL, 10, 0))
    assert "tracks_by_bpm" in steps[0]
    assert not [step for step in steps if step.startswith(("SCAN tracks", "SCAN embeddings"))]


async def test_a_reader_keeps_no_views_when_nothing_is_hidden(db: Database, tracks: Tracks) -> None:
    await two_libraries(tracks)
    await hide_old(tracks)
    await tracks.counts()
    await tracks.show_below([OLD])
    for _ in db._readers:
        await tracks.counts()
    assert await db.read(lambda read: fetch(read, "SELECT name FROM temp.sqlite_schema")) == []
    assert {"changes"} == veil.OPEN
