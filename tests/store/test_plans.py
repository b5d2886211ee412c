"""Questions that must not become slower with the library than their answers are long."""

from __future__ import annotations

from harmonie_daemon.domain.filters import Range, TrackFilter
from harmonie_daemon.store import track_queries
from harmonie_daemon.store.database import Database
from harmonie_daemon.store.tracks import Tracks
from tests.store.factories import MODEL, save_track
from tests.store.statements import plans

NARROW = TrackFilter(bpm=Range(120.0, 120.1))


async def test_a_narrow_filter_looks_only_at_the_tracks_that_pass(
    db: Database, tracks: Tracks
) -> None:
    await save_track(tracks)
    steps = await plans(db, lambda read: track_queries.matching_ids(read, NARROW, MODEL))
    assert "tracks_by_bpm" in steps[0]
    lookups = [step for step in steps if "embeddings" in step]
    assert lookups
    assert all("track_id=?" in step for step in lookups), steps
