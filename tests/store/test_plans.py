"""Questions that must not become slower with the library than their answers are long."""

from __future__ import annotations

import typing

import pytest

from harmonie_daemon.domain.filters import Range, TrackFilter
from harmonie_daemon.store import catalogue_items, track_queries
from harmonie_daemon.store.database import Database
from harmonie_daemon.store.tracks import OrderBy, Tracks
from tests.store.factories import MODEL, make_file, save_track
from tests.store.statements import plans

NARROW = TrackFilter(ranges={"bpm": Range(120.0, 120.1)})


async def test_a_narrow_filter_looks_only_at_the_tracks_that_pass(
    db: Database, tracks: Tracks
) -> None:
    await save_track(tracks)
    steps = await plans(db, lambda read: track_queries.page(read, NARROW, "id", MODEL, 10, 0))
    assert "tracks_by_bpm" in steps[0]
    lookups = [step for step in steps if "embeddings" in step]
    assert lookups
    assert all("track_id=?" in step for step in lookups), steps


@pytest.mark.parametrize("order_by", typing.get_args(OrderBy))
async def test_a_page_skips_entries_of_an_index_and_no_rows(
    db: Database, tracks: Tracks, order_by: OrderBy
) -> None:
    await save_track(tracks)
    counting, skipping, *_ = await plans(
        db, lambda read: track_queries.page(read, TrackFilter(), order_by, None, 10, 90_000)
    )
    assert "USING COVERING INDEX" in counting
    # of a partial index, SQLite fetches a row only once it has skipped the others
    index = "files_of_tracks_by_path" if order_by == "path" else "COVERING INDEX tracks_by_"
    assert index in skipping


async def test_pages_by_path_hold_every_track_and_no_file_that_cannot_be_decoded(
    tracks: Tracks,
) -> None:
    for name in "dbace":
        await save_track(tracks, f"{name}.flac")
    await tracks.record_failure(make_file("b.flac"), None, "damaged")
    await tracks.record_failure(make_file("f.flac"), None, "damaged")
    found: list[str] = []
    for offset in range(6):
        page = await tracks.list(TrackFilter(), order_by="path", limit=1, offset=offset)
        found += [track.file.relative_path for track in page.items]
        assert page.total == 4
    assert found == ["a.flac", "c.flac", "d.flac", "e.flac"]


async def test_the_energy_of_every_track_is_read_without_the_wide_rows_of_moods(
    db: Database, tracks: Tracks
) -> None:
    await save_track(tracks)
    steps = await plans(db, lambda read: track_queries.facets(read, None))
    assert any("felt USING COVERING INDEX track_energy" in step for step in steps), steps


async def test_a_page_of_a_servers_items_sorts_nothing(db: Database) -> None:
    steps = await plans(db, lambda read: catalogue_items.places(read, 1, 90_000, 10))
    assert steps == ["SEARCH catalogue_items USING INTEGER PRIMARY KEY (rowid>?)"]
