from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from harmonie_daemon.analysis.moods import moods_of
from harmonie_daemon.analysis.styles import styles_from_probabilities
from harmonie_daemon.domain.mood import MOOD_LABELS, MoodSource, TrackMoods
from harmonie_daemon.domain.track import Analysis, Descriptors, Scale, StyleScore, Tags, TrackId
from harmonie_daemon.store.database import Connection, Database
from harmonie_daemon.store.tracks import Tracks
from tests.store.factories import make_analysis, make_file, save_track

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


async def test_moods_of_another_version_are_made_anew_once(db: Database, tracks: Tracks) -> None:
    ids = [await save_track(tracks, f"{n}.flac", analysis=analysis()) for n in range(3)]
    before = await tracks.moods(ids)
    await db.write(_make_old)
    assert await tracks.renew_moods() == 3
    assert await tracks.moods(ids) == before
    assert await tracks.renew_moods() == 0


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
