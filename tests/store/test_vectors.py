from __future__ import annotations

import numpy as np
import pytest

from harmonie_daemon.domain.errors import StoreError
from harmonie_daemon.domain.track import Tags, TrackId
from harmonie_daemon.store import generations
from harmonie_daemon.store.database import Database
from harmonie_daemon.store.tracks import Tracks
from harmonie_daemon.store.vectors import ModelInfo, Vectors
from tests.store.factories import DIM, MODEL, make_analysis, make_file, make_vector, save_track


async def test_vectors_come_back_exactly_in_ascending_ids(tracks: Tracks, vectors: Vectors) -> None:
    saved = {}
    for number in range(40):
        vector = make_vector(number)
        analysis = make_analysis(embeddings={MODEL: vector})
        saved[await save_track(tracks, f"{number}", analysis=analysis)] = vector
    again = make_vector(99)
    saved[TrackId(3)] = again
    await save_track(tracks, "2", analysis=make_analysis(embeddings={MODEL: again}))
    ids, rows = await vectors.load(MODEL)
    assert (ids.dtype, rows.dtype, rows.shape) == (np.int64, np.float32, (40, DIM))
    assert ids.tolist() == sorted(saved)
    np.testing.assert_array_equal(rows, [saved[TrackId(id_)] for id_ in ids.tolist()])


async def test_some_vectors_come_without_the_absent(tracks: Tracks, vectors: Vectors) -> None:
    for number in range(3):
        analysis = make_analysis(embeddings={MODEL: make_vector(number)})
        await save_track(tracks, f"{number}", analysis=analysis)
    silent = await save_track(tracks, "x", analysis=make_analysis(embeddings={MODEL: None}))
    ids, rows = await vectors.load(MODEL, [TrackId(3), silent, TrackId(1), TrackId(1), TrackId(77)])
    assert ids.tolist() == [1, 3]
    np.testing.assert_array_equal(rows, [make_vector(0), make_vector(2)])
    ids, rows = await vectors.load(MODEL, [])
    assert (ids.shape, rows.shape) == ((0,), (0, DIM))


async def test_more_rows_than_one_batch_are_loaded(
    tracks: Tracks, vectors: Vectors, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("harmonie_daemon.store.vector_reads._BATCH", 4)
    for number in range(10):
        analysis = make_analysis(embeddings={MODEL: make_vector(number)})
        await save_track(tracks, f"{number}", analysis=analysis)
    ids, rows = await vectors.load(MODEL)
    assert ids.tolist() == list(range(1, 11))
    np.testing.assert_array_equal(rows, [make_vector(number) for number in range(10)])


async def test_an_unknown_model_has_no_vectors(tracks: Tracks, vectors: Vectors) -> None:
    await save_track(tracks, analysis=make_analysis(embeddings={"deaf": None}))
    for model in ("deaf", "never heard of"):
        ids, rows = await vectors.load(model)
        assert (ids.shape, rows.shape) == ((0,), (0, 0))
    assert await vectors.models() == []


async def test_models_are_listed_in_the_order_they_came(tracks: Tracks, vectors: Vectors) -> None:
    both = make_analysis(embeddings={"z": make_vector(), "a": make_vector(dim=5)})
    await save_track(tracks, "x", analysis=both)
    await save_track(tracks, "y", analysis=make_analysis(embeddings={"z": None}))
    assert await vectors.models() == [ModelInfo("z", DIM, 1), ModelInfo("a", 5, 1)]


async def test_a_model_may_be_silent_before_its_first_vector(
    tracks: Tracks, vectors: Vectors
) -> None:
    await save_track(tracks, analysis=make_analysis(embeddings={MODEL: None}))
    await save_track(tracks)
    assert await vectors.models() == [ModelInfo(MODEL, DIM, 1)]


async def test_a_model_keeps_its_dimension(tracks: Tracks) -> None:
    await save_track(tracks)
    other = make_analysis(embeddings={MODEL: make_vector(dim=DIM + 1)})
    with pytest.raises(StoreError, match=f"9 dimensions, not {DIM}"):
        await save_track(tracks, "other", analysis=other)


async def test_missing_vectors_are_left_out_with_a_warning(
    db: Database, tracks: Tracks, vectors: Vectors, caplog: pytest.LogCaptureFixture
) -> None:
    await save_track(tracks, "a")
    await save_track(tracks, "b")
    await db.write(lambda connection: connection.execute("DELETE FROM vec_1 WHERE track_id = 1"))
    assert (await vectors.load(MODEL))[0].tolist() == [2]
    assert "1 vectors" in caplog.text


async def test_every_change_raises_the_generation_by_one(tracks: Tracks, vectors: Vectors) -> None:
    assert await vectors.generation() == 0
    a = await save_track(tracks, "a")
    b = await save_track(tracks, "b")
    assert await vectors.generation() == 2
    await tracks.move_many([(a, make_file("c"))])
    await tracks.record_failure(make_file("b"), None, "broken")
    await tracks.remove([a])
    assert await vectors.generation() == 5
    assert await vectors.changes_since(0) == [a, b]
    assert await vectors.changes_since(4) == [a]
    assert await vectors.changes_since(5) == []


async def test_what_changes_no_track_leaves_the_generation(
    tracks: Tracks, vectors: Vectors
) -> None:
    await tracks.record_failure(make_file("x"), None, "broken")
    await tracks.remove([TrackId(77)])
    with pytest.raises(StoreError):
        bad = make_analysis(embeddings={MODEL: make_vector() * 2})
        await save_track(tracks, tags=Tags(title="x"), analysis=bad)
    assert await vectors.generation() == 0


async def test_the_log_is_trimmed_and_says_so(
    tracks: Tracks, vectors: Vectors, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(generations, "LOG_LENGTH", 3)
    ids = [await save_track(tracks, name) for name in "abcde"]
    assert await vectors.changes_since(1) is None
    assert await vectors.changes_since(2) == ids[2:]
    await tracks.remove(ids)
    assert await vectors.changes_since(5) is None
    assert await vectors.changes_since(6) == []


async def test_a_generation_from_another_database_is_not_trusted(vectors: Vectors) -> None:
    assert await vectors.changes_since(1) is None
