from __future__ import annotations

import math
from collections.abc import AsyncIterator
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from harmonie_daemon.analysis.moods import moods_of
from harmonie_daemon.analysis.styles import styles_from_probabilities
from harmonie_daemon.domain.mood import MOOD_LABELS, MoodSource, TrackMoods
from harmonie_daemon.domain.track import Analysis, Descriptors, Scale, StyleScore, Tags, TrackId
from harmonie_daemon.store.connection import Connection
from harmonie_daemon.store.database import Database
from harmonie_daemon.store.mood_basis import stored
from harmonie_daemon.store.tracks import Tracks
from harmonie_daemon.store.vectors import Vectors
from tests.store.factories import MODEL, make_analysis, make_file, make_vector, save_track
from tests.store.statements import noted_writes

FEATURES = {
    "event_rate": 4.0,
    "flux": 0.1,
    "centroid_hz": 1_800.0,
    "mode_margin": 0.1,
    "pulse_clarity": 0.7,
    "depth_db": 6.0,
}
FOUND: dict[str, Any] = {
    "bpm": 124.0, "bpm_confidence": 3.0, "key": "C", "scale": Scale.MAJOR, "key_strength": 0.8,
    "danceability": 1.3,
}  # fmt: skip


def analysis(**features: float) -> Analysis:
    return replace(make_analysis(**FOUND), features=FEATURES | features)


async def moods(tracks: Tracks, track_id: TrackId) -> TrackMoods:
    return (await tracks.moods([track_id]))[track_id]


async def test_moods_are_those_of_what_was_heard_and_tagged(tracks: Tracks) -> None:
    tags = Tags(genres=("Techno",), moods=("Dark; driving",), bpm=128.0)
    track_id = await save_track(tracks, tags=tags, analysis=analysis())
    found = await moods(tracks, track_id)
    expected = moods_of(Descriptors(**FOUND), FEATURES, tags)
    assert expected is not None
    assert found.valence.value == expected.valence.value
    assert found.valence.confidence == pytest.approx(expected.valence.confidence, abs=1e-5)
    assert set(found.labels) == set(MOOD_LABELS)
    assert {label: mood.value for label, mood in found.labels.items()} == {
        label: mood.value for label, mood in expected.labels.items()
    }
    assert found.labels["dark"].source is MoodSource.TAGS
    assert found.energy.source is MoodSource.AUDIO
    assert [facts.energy for facts in await tracks.facets()] == [found.energy.value]


async def test_a_track_without_features_has_no_moods(tracks: Tracks) -> None:
    track_id = await save_track(tracks)
    assert await tracks.moods([track_id]) == {}


async def test_new_descriptors_make_new_moods_and_keep_the_mood_tags(tracks: Tracks) -> None:
    track_id = await save_track(tracks, tags=Tags(moods=("sad",)), analysis=analysis())
    before = await moods(tracks, track_id)
    assert await tracks.save_descriptors(track_id, make_file(), analysis(event_rate=0.5, flux=0.03))
    after = await moods(tracks, track_id)
    assert after.arousal.value < before.arousal.value
    assert after.labels["sad"].source is MoodSource.TAGS


async def test_a_classifiers_styles_renew_the_moods_and_other_embeddings_leave_them(
    tracks: Tracks,
) -> None:
    tags = Tags(genres=("Ambient",))
    track_id = await save_track(
        tracks, tags=tags, analysis=analysis(), styles=[StyleScore("Electronic", "Ambient", 1.0)]
    )
    tagged = await moods(tracks, track_id)
    assert tagged.arousal.source is MoodSource.GENRES
    vectors = make_analysis(descriptor_version=0)
    assert await tracks.save_embeddings(track_id, make_file(), vectors)
    assert await moods(tracks, track_id) == tagged

    probabilities = np.zeros(400, np.float32)
    probabilities[250:253] = 0.6
    heard = replace(vectors, style_probabilities=probabilities)
    styles = styles_from_probabilities(probabilities)
    assert await tracks.save_embeddings(track_id, make_file(), heard, styles)
    classified = await moods(tracks, track_id)
    assert classified.arousal.source is MoodSource.STYLES
    assert classified.arousal.value != tagged.arousal.value


MESSY_TAGS = Tags(
    genres=("Techno\0", " ", "Deep House"), moods=("  dark\0sad ",), bpm=float("nan"), key=" Am "
)
MESSY = replace(
    make_analysis(**{**FOUND, "bpm_confidence": np.float32(2.123456789), "danceability": math.inf}),
    features={name: value * 1.23456789 for name, value in FEATURES.items()} | {"x": math.nan},
)
CLASSIFIED = np.zeros(400, np.float32)
CLASSIFIED[250:253] = 0.6
MESSY_STYLES = (
    StyleScore("Rock", "Pop Rock", 0.2),
    StyleScore("Electronic", "Ambient", 0.5),
    StyleScore("Electronic\0", "Ambient", 0.3),
    StyleScore("Electronic", "Ambient", 0.6),
    StyleScore(" ", "Nothing", 0.9),
)


async def save_in_every_way(tracks: Tracks) -> AsyncIterator[TrackId]:
    """Each way of saving that moods depend on, one after another."""
    track_id = await save_track(tracks, tags=MESSY_TAGS, analysis=MESSY, styles=MESSY_STYLES)
    yield track_id
    heard = replace(MESSY, style_probabilities=CLASSIFIED)
    await save_track(tracks, tags=MESSY_TAGS, analysis=heard, styles=MESSY_STYLES)
    yield track_id
    # its tags were edited: it sounds the same, so the classifier's styles stay
    await save_track(tracks, tags=Tags(), analysis=MESSY, size=1_001)
    yield track_id
    file = make_file(size=1_001)
    assert await tracks.save_tags(track_id, file, MESSY_TAGS, MESSY_STYLES, ())
    yield track_id
    assert await tracks.save_descriptors(track_id, file, replace(MESSY, features=FEATURES))
    yield track_id
    assert await tracks.save_embeddings(track_id, file, heard, MESSY_STYLES[:1])
    yield track_id
    # another piece of music under the same name
    other = replace(MESSY, embeddings={MODEL: make_vector(1)})
    await save_track(tracks, tags=MESSY_TAGS, analysis=other, styles=MESSY_STYLES, size=5)
    yield track_id


async def test_moods_made_beforehand_are_those_of_what_was_stored(
    db: Database, tracks: Tracks
) -> None:
    seen = []
    async for track_id in save_in_every_way(tracks):
        basis = await db.read(lambda connection, id_=track_id: stored(connection, id_))  # type: ignore[misc]
        assert basis is not None
        expected = basis.moods()
        assert expected is not None
        found = await moods(tracks, track_id)
        scores = {label: mood.value for label, mood in found.labels.items()}
        assert scores == {label: mood.value for label, mood in expected.labels.items()}
        for axis in ("energy", "valence", "arousal", "danceability"):
            assert getattr(found, axis).value == getattr(expected, axis).value
            assert getattr(found, axis).source is getattr(expected, axis).source
        seen.append(found.valence.value)
    assert all(before != after for before, after in pairwise(seen))


async def test_no_moods_are_made_inside_a_transaction(db: Database, tracks: Tracks) -> None:
    """What they are made of is read before it begins, and nothing of it within."""
    with noted_writes(db) as statements:
        async for _ in save_in_every_way(tracks):
            pass
        await db.write(_make_old)
        assert await tracks.renew_moods() == 1
    inside, made_of, saved = False, {False: 0, True: 0}, 0
    for sql, _ in statements:
        words = sql.split()
        inside = {"BEGIN": True, "COMMIT": False}.get(words[0], inside)
        made_of[inside] += words[0] == "SELECT" and "track_features" in words
        saved += words[:3] == ["INSERT", "INTO", "track_moods"]
    assert made_of[True] == 0
    assert made_of[False] > 0
    assert saved == 8


async def test_moods_of_another_version_are_made_anew_once(db: Database, tracks: Tracks) -> None:
    ids = [await save_track(tracks, f"{n}.flac", analysis=analysis()) for n in range(3)]
    before = await tracks.moods(ids)
    await db.write(_make_old)
    assert await tracks.renew_moods() == 3
    assert await tracks.moods(ids) == before
    assert await tracks.renew_moods() == 0


async def test_moods_that_are_made_anew_are_news_to_what_is_kept_in_memory(
    db: Database, tracks: Tracks
) -> None:
    ids = [await save_track(tracks, f"{n}.flac", analysis=analysis()) for n in range(3)]
    vectors = Vectors(db)
    await db.write(_make_old)
    seen = await vectors.generation()
    await tracks.renew_moods()
    assert await vectors.changes_since(seen) == ids
    seen = await vectors.generation()
    await tracks.renew_moods()
    assert await vectors.generation() == seen


async def test_moods_go_with_their_track(db: Database, tracks: Tracks) -> None:
    track_id = await save_track(tracks, analysis=analysis())
    await tracks.remove([track_id])
    assert await tracks.moods([track_id]) == {}
    left = await db.read(
        lambda connection: connection.execute("SELECT count(*) FROM track_features").fetchall()
    )
    assert left == [(0,)]


def _make_old(connection: Connection) -> None:
    connection.execute("UPDATE track_moods SET version = 0, energy = 0.0")


async def test_the_table_has_the_scores_of_every_track_and_nothing_where_there_are_none(
    tracks: Tracks,
) -> None:
    empty = await tracks.mood_table()
    assert (empty.ids.shape, empty.labels.shape) == ((0,), (0, len(MOOD_LABELS)))
    silent = await save_track(tracks, "a.flac")
    heard = await save_track(tracks, "b.flac", analysis=analysis())
    table = await tracks.mood_table()
    assert table.ids.tolist() == [silent, heard]
    assert np.isnan(table.labels[0]).all()
    expected = (await moods(tracks, heard)).labels
    assert table.labels[1].tolist() == pytest.approx([expected[one].value for one in MOOD_LABELS])
    assert table.durations_s.tolist() == [make_analysis().duration_s] * 2
