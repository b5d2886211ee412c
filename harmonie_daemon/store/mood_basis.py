"""What the moods of a track follow from, before and after a change of it.

These functions run before the transaction that makes the change, on the same thread: nothing else
is written in between. What they return must be what the transaction will store.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from harmonie_daemon.analysis.moods import moods_of
from harmonie_daemon.domain.mood import TrackMoods
from harmonie_daemon.domain.track import Analysis, AudioFile, Descriptors, StyleScore, Tags, TrackId
from harmonie_daemon.store import (
    files,
    moods,
    style_writes,
    tag_writes,
    track_rows,
    track_writes,
)
from harmonie_daemon.store.connection import Connection


@dataclass(frozen=True, slots=True)
class MoodBasis:
    """All that moods are made of."""

    descriptors: Descriptors
    features: dict[str, float]
    tags: Tags
    styles: tuple[StyleScore, ...] | None
    """What a classifier heard; ``None`` without one."""

    def moods(self) -> TrackMoods | None:
        """The moods; ``None`` when nothing was measured."""
        return moods_of(self.descriptors, self.features, self.tags, self.styles)


def stored(connection: Connection, track_id: int) -> MoodBasis | None:
    """Of a track as it is; ``None`` if there is none."""
    tracks = track_rows.load(connection, (track_id,))
    if not tracks:
        return None
    features, mood_tags = moods.features_and_tags(connection, track_id)
    is_classified = style_writes.probabilities(connection, track_id) is not None
    return MoodBasis(
        tracks[0].descriptors,
        features,
        replace(tracks[0].tags, moods=mood_tags),
        tracks[0].styles if is_classified else None,
    )


def moods_after_save(
    connection: Connection,
    file: AudioFile,
    tags: Tags,
    analysis: Analysis,
    styles: Sequence[StyleScore],
) -> TrackMoods | None:
    """Once all of it has been saved; a classifier's styles may stay from before."""
    if analysis.style_probabilities is not None:
        classified: tuple[StyleScore, ...] | None = style_writes.as_stored(styles)
    else:
        classified = _kept_styles(connection, file, analysis)
    return MoodBasis(
        track_writes.as_stored(analysis.descriptors),
        moods.as_stored(analysis.features),
        tag_writes.as_stored(tags),
        classified,
    ).moods()


def moods_after_tags(connection: Connection, track_id: TrackId, tags: Tags) -> TrackMoods | None:
    """Once these tags have been saved."""
    basis = stored(connection, int(track_id))
    return _moods(basis and replace(basis, tags=tag_writes.as_stored(tags)))


def moods_after_descriptors(
    connection: Connection, track_id: TrackId, analysis: Analysis
) -> TrackMoods | None:
    """Once these descriptors and features have been saved."""
    basis = stored(connection, int(track_id))
    heard = track_writes.as_stored(analysis.descriptors)
    features = moods.as_stored(analysis.features)
    return _moods(basis and replace(basis, descriptors=heard, features=features))


def moods_after_styles(
    connection: Connection, track_id: TrackId, styles: Sequence[StyleScore]
) -> TrackMoods | None:
    """Once these styles of a classifier have been saved."""
    basis = stored(connection, int(track_id))
    return _moods(basis and replace(basis, styles=style_writes.as_stored(styles)))


def renewed(connection: Connection, most: int) -> list[tuple[int, TrackMoods | None]]:
    """Moods made anew of so many tracks at most whose moods are of another version."""
    return [(id_, _moods(stored(connection, id_))) for id_ in moods.outdated(connection, most)]


def _moods(basis: MoodBasis | None) -> TrackMoods | None:
    return None if basis is None else basis.moods()


def _kept_styles(
    connection: Connection, file: AudioFile, analysis: Analysis
) -> tuple[StyleScore, ...] | None:
    known = files.stat(connection, file.path)
    if known is None or not track_writes.may_keep_styles(connection, file, analysis):
        return None
    basis = stored(connection, known[0])
    return None if basis is None else basis.styles
