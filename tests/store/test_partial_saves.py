"""Redoing a part of a track's analysis leaves the rest as it was."""

from __future__ import annotations

import numpy as np
import pytest

from harmonie_daemon.domain.errors import StoreError
from harmonie_daemon.domain.track import Analysis, Descriptors, StyleScore, Tags
from harmonie_daemon.store.tracks import Tracks
from harmonie_daemon.store.vectors import Vectors
from tests.store.factories import MODEL, Clock, make_analysis, make_file, make_vector, save_track

NEW = "discogs-effnet-bs64-1"
HOUSE = StyleScore("Electronic", "House", 1.0)
DUB = StyleScore("Reggae", "Dub", 0.4)
TAGS = Tags(artist="A", title="T", genres=("House",))
FILE = make_file()


def probabilities(first: float = 0.4) -> np.ndarray:
    vector = np.full(400, 0.01, np.float32)
    vector[0] = first
    return vector


def by_classifier(**fields: object) -> Analysis:
    return Analysis(
        1.0,
        Descriptors(),
        0,
        embeddings={NEW: make_vector(7, dim=5)},
        style_probabilities=probabilities(),
        **fields,
    )


async def test_new_descriptors_leave_tags_vectors_and_styles(
    tracks: Tracks, vectors: Vectors, clock: Clock
) -> None:
    track_id = await save_track(tracks, tags=TAGS, styles=[HOUSE], analysis=make_analysis(bpm=90))
    clock.now += 5
    assert await tracks.save_descriptors(
        track_id, FILE, make_analysis(embeddings={}, bpm=91, descriptor_version=2)
    )
    track = await tracks.get(track_id)
    assert (track.descriptors.bpm, track.descriptor_version, track.analyzed_at) == (91, 2, 1005)
    assert (track.tags, track.styles, track.model) == (TAGS, (HOUSE,), MODEL)


async def test_a_new_model_leaves_descriptors_and_other_vectors(
    tracks: Tracks, vectors: Vectors
) -> None:
    track_id = await save_track(tracks, tags=TAGS, analysis=make_analysis(bpm=90))
    more = Analysis(1.0, Descriptors(), 0, embeddings={NEW: make_vector(1, dim=5)})
    assert await tracks.save_embeddings(track_id, FILE, more)
    track = await tracks.get(track_id)
    assert (track.descriptors.bpm, track.descriptor_version, track.duration_s) == (90, 1, 180)
    for model in (MODEL, NEW):
        assert (await vectors.load(model))[0].tolist() == [track_id]


async def test_a_part_is_a_change_that_the_index_hears_of(tracks: Tracks, vectors: Vectors) -> None:
    track_id = await save_track(tracks)
    before = await vectors.generation()
    await tracks.save_embeddings(track_id, FILE, by_classifier())
    assert await vectors.changes_since(before) == [track_id]


async def test_a_file_that_went_or_changed_meanwhile_keeps_what_it_has(tracks: Tracks) -> None:
    track_id = await save_track(tracks, analysis=make_analysis(bpm=90))
    late = make_analysis(bpm=1)
    for file in (make_file(size=5), make_file(mtime_ns=5), make_file("elsewhere.flac")):
        assert not await tracks.save_descriptors(track_id, file, late)
        assert not await tracks.save_embeddings(track_id, file, late)
    await tracks.record_failure(FILE, None, "broken")
    assert not await tracks.save_descriptors(track_id, FILE, late)
    assert await tracks.get_many([track_id]) == []


async def test_the_classifier_replaces_the_styles_of_the_tags(tracks: Tracks) -> None:
    track_id = await save_track(tracks, styles=[HOUSE])
    await tracks.save_embeddings(track_id, FILE, by_classifier(), [DUB])
    assert (await tracks.get(track_id)).styles == (DUB,)
    kept = await tracks.style_probabilities(track_id)
    assert kept is not None and kept.dtype == np.float32
    np.testing.assert_allclose(kept, probabilities(), atol=3e-4)


async def test_a_vector_without_a_classifier_leaves_the_styles(tracks: Tracks) -> None:
    track_id = await save_track(tracks, styles=[HOUSE])
    await tracks.save_embeddings(track_id, FILE, make_analysis())
    assert (await tracks.get(track_id)).styles == (HOUSE,)
    assert await tracks.style_probabilities(track_id) is None


async def test_what_the_classifier_said_survives_an_analysis_without_it(tracks: Tracks) -> None:
    track_id = await save_track(tracks)
    await tracks.save_embeddings(track_id, FILE, by_classifier(), [DUB])
    await save_track(tracks, styles=[HOUSE])
    assert (await tracks.get(track_id)).styles == (DUB,)


async def test_editing_tags_loses_nothing_that_was_heard(tracks: Tracks, vectors: Vectors) -> None:
    track_id = await save_track(tracks)
    await tracks.save_embeddings(track_id, FILE, by_classifier(), [DUB])
    await save_track(tracks, tags=TAGS, styles=[HOUSE], size=1_010, mtime_ns=9)
    assert (await tracks.get(track_id)).styles == (DUB,)
    assert (await tracks.get(track_id)).tags == TAGS
    assert (await vectors.load(NEW))[0].tolist() == [track_id]


async def test_another_recording_at_the_path_loses_the_classifier(
    tracks: Tracks, vectors: Vectors
) -> None:
    track_id = await save_track(tracks)
    await tracks.save_embeddings(track_id, FILE, by_classifier(), [DUB])
    other = make_analysis(embeddings={MODEL: make_vector(99)})
    await save_track(tracks, styles=[HOUSE], analysis=other, mtime_ns=9)
    assert (await tracks.get(track_id)).styles == (HOUSE,)
    assert await tracks.style_probabilities(track_id) is None
    assert (await vectors.load(NEW))[0].tolist() == []


@pytest.mark.parametrize("bad", [probabilities(1.5), probabilities(np.nan), np.zeros((2, 2))])
async def test_probabilities_that_are_none_are_refused(tracks: Tracks, bad: np.ndarray) -> None:
    track_id = await save_track(tracks)
    analysis = Analysis(1.0, Descriptors(), 0, style_probabilities=bad)
    with pytest.raises(StoreError, match="style probabilities"):
        await tracks.save_embeddings(track_id, FILE, analysis, [DUB])
    assert await tracks.style_probabilities(track_id) is None


async def test_the_active_model_answers_for_tracks_that_have_it(
    tracks: Tracks, vectors: Vectors
) -> None:
    both = make_analysis(embeddings={MODEL: make_vector(), NEW: make_vector(dim=5)})
    first = await save_track(tracks, "a", analysis=both)
    second = await save_track(tracks, "b")
    assert await vectors.active_model() is None
    await vectors.activate(MODEL)
    assert [t.model for t in await tracks.get_many([first, second])] == [MODEL, MODEL]
    before = await vectors.generation()
    await vectors.activate(NEW)
    assert await vectors.active_model() == NEW
    assert [t.model for t in await tracks.get_many([first, second])] == [NEW, MODEL]
    assert await vectors.changes_since(before) == []
    assert await vectors.generation() == before + 1


async def test_the_tracks_a_model_was_never_asked_about_are_counted(
    tracks: Tracks, vectors: Vectors
) -> None:
    await save_track(tracks, "a", analysis=make_analysis(embeddings={MODEL: None}))
    await save_track(tracks, "b")
    await save_track(tracks, "c", analysis=make_analysis(embeddings={NEW: make_vector(dim=5)}))
    assert (await vectors.unasked(MODEL), await vectors.unasked(NEW)) == (1, 2)
    assert await vectors.unasked("unheard-of") == 3
