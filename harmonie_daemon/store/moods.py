"""The moods of tracks, and what they are made of that stands nowhere else.

Each function runs inside one transaction; ``mood_basis`` makes the moods, before it.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from harmonie_daemon.analysis.moods import MOODS_VERSION
from harmonie_daemon.domain.mood import (
    MOOD_AXES,
    MOOD_LABELS,
    Mood,
    MoodSource,
    TrackMoods,
)
from harmonie_daemon.domain.track import Tags, TrackId
from harmonie_daemon.store import tag_writes
from harmonie_daemon.store.connection import Connection
from harmonie_daemon.store.driver import id_array
from harmonie_daemon.store.keys import clean_real
from harmonie_daemon.store.records import MoodTable
from harmonie_daemon.store.rows import fetch, stream

NAMES = (*MOOD_AXES, *MOOD_LABELS)
"""The columns of track_moods that hold scores, in their order there."""
BATCH = 500
"""Rows made into an array at a time: a millisecond, in which nothing else in the process runs."""
DIGITS = 6
"""Significant digits kept of a feature, decimal places kept of a confidence."""

_SAVE_FEATURES = """
INSERT INTO track_features (track_id, features) VALUES (?, ?)
ON CONFLICT (track_id) DO UPDATE SET features = excluded.features
"""
_SAVE_MOOD_TAGS = "UPDATE track_features SET mood_tags = ? WHERE track_id = ?"
_FEATURES = "SELECT features, mood_tags FROM track_features WHERE track_id = ?"
_FORGET = "DELETE FROM track_moods WHERE track_id = ?"
_SAVE = """
INSERT INTO track_moods (
  track_id, version,
  energy, valence, arousal, danceability,
  acoustic, aggressive, ambient, chilling, dark, energetic, epic, happy, melancholy, party,
  relaxed, romantic, sad, serious, sexy, sleepy, warm,
  evidence
) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
_MOODS = """
SELECT
  track_id, evidence,
  energy, valence, arousal, danceability,
  acoustic, aggressive, ambient, chilling, dark, energetic, epic, happy, melancholy, party,
  relaxed, romantic, sad, serious, sexy, sleepy, warm
FROM track_moods WHERE track_id IN (SELECT value FROM carray(?))
"""
_SCORES = """
SELECT
  tracks.id, tracks.duration_s,
  acoustic, aggressive, ambient, chilling, dark, energetic, epic, happy, melancholy, party,
  relaxed, romantic, sad, serious, sexy, sleepy, warm
FROM tracks LEFT JOIN track_moods ON track_moods.track_id = tracks.id
ORDER BY tracks.id
"""
_OUTDATED = "SELECT track_id FROM track_moods WHERE version <> ? ORDER BY track_id LIMIT ?"


def save_features(connection: Connection, track_id: int, features: Mapping[str, float]) -> None:
    """Replace what moods are made of beside descriptors, tags and styles."""
    connection.execute(_SAVE_FEATURES, (track_id, json.dumps(as_stored(features))))


def as_stored(features: Mapping[str, float]) -> dict[str, float]:
    """The features as they come out of the database again."""
    numbers = {name: clean_real(value) for name, value in features.items()}
    return {
        name: float(f"{value:.{DIGITS}g}") for name, value in numbers.items() if value is not None
    }


def save_mood_tags(connection: Connection, track_id: int, tags: Tags) -> None:
    """Replace the mood tags of a track that has features, be they empty."""
    texts = tag_writes.as_stored(tags).moods
    connection.execute(_SAVE_MOOD_TAGS, (json.dumps(texts), track_id))


def features_and_tags(
    connection: Connection, track_id: int
) -> tuple[dict[str, float], tuple[str, ...]]:
    """What was saved by the two functions above; nothing if nothing was."""
    found = fetch(connection, _FEATURES, (track_id,))
    return (json.loads(found[0][0]), tuple(json.loads(found[0][1]))) if found else ({}, ())


def save(connection: Connection, track_id: int, moods: TrackMoods | None) -> None:
    """Replace the track's moods; ``None``: it has none."""
    connection.execute(_FORGET, (track_id,))
    if moods is None:
        return
    scores = {name: getattr(moods, name) for name in MOOD_AXES} | dict(moods.labels)
    evidence = {
        name: [mood.source.value, round(mood.confidence, DIGITS)] for name, mood in scores.items()
    }
    values = [scores[name].value for name in NAMES]
    connection.execute(_SAVE, (track_id, MOODS_VERSION, *values, json.dumps(evidence)))


def outdated(connection: Connection, most: int) -> list[int]:
    """So many tracks at most whose moods another version of the model made."""
    return [id_ for (id_,) in fetch(connection, _OUTDATED, (MOODS_VERSION, most))]


def load(connection: Connection, ids: Sequence[TrackId]) -> dict[TrackId, TrackMoods]:
    """The moods of those of the tracks that have any."""
    return {TrackId(row[0]): _moods(row) for row in fetch(connection, _MOODS, (id_array(ids),))}


def table(connection: Connection) -> MoodTable:
    """The labels' scores of every track, without what they rest on."""
    rows = stream(connection, _SCORES)
    parts = [np.zeros((0, 2 + len(MOOD_LABELS)))]
    while batch := list(itertools.islice(rows, BATCH)):
        parts.append(np.array(batch, np.float64))  # nothing becomes NaN
    flat = np.concatenate(parts)
    return MoodTable(
        flat[:, 0].astype(np.int64), flat[:, 1].astype(np.float32), flat[:, 2:].astype(np.float32)
    )


def _moods(row: Sequence[Any]) -> TrackMoods:
    evidence = json.loads(row[1])
    scores = {
        name: Mood(value, MoodSource(evidence[name][0]), evidence[name][1])
        for name, value in zip(NAMES, row[2:], strict=True)
    }
    axes = {name: scores[name] for name in MOOD_AXES}
    return TrackMoods(**axes, labels={label: scores[label] for label in MOOD_LABELS})
