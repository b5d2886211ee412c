"""What the repositories answer, where the domain has no word for it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from harmonie_daemon.domain.mood import MOOD_AXES, MOOD_LABELS
from harmonie_daemon.domain.track import Track, TrackId

IdArray = npt.NDArray[np.int64]
"""Track ids, int64[n], ascending."""

OrderBy = Literal["id", "path", "bpm", "duration", "analyzed_at"]


@dataclass(frozen=True, slots=True)
class Page:
    """A stretch of a listing."""

    items: tuple[Track, ...]
    total: int
    """How many there are in the whole listing."""


@dataclass(frozen=True, slots=True)
class LibraryCounts:
    """The library in numbers."""

    tracks: int
    total_duration_s: float
    failed: int
    """Files that could not be decoded."""
    hidden: int = 0
    """Files of folders that are no library any more; they count nowhere else."""
    models: tuple[ModelInfo, ...] = ()
    """Those of which vectors have been saved, the newest last."""
    active_model: str | None = None
    """The one that answers; ``None`` until one was activated."""
    doubtful_tempos: int = 0
    """Tracks whose tempo was heard with too little confidence to count."""

    @property
    def by_model(self) -> dict[str, int]:
        """Model name to the number of tracks with a vector."""
        return {model.name: model.tracks for model in self.models if model.tracks}


@dataclass(frozen=True, slots=True)
class GenreCount:
    """One genre of the taxonomy as the library has it."""

    genre: str
    track_count: int
    """Style rows under the genre: a track with two of its styles counts twice."""
    style_count: int
    mean_probability: float
    max_probability: float


@dataclass(frozen=True, slots=True)
class StyleCount:
    """One ``Genre---Style`` label as the library has it."""

    style: str
    """The whole label."""
    track_count: int
    mean_probability: float
    max_probability: float


class OurPlace(NamedTuple):
    """Where a track is; there are many of them at a time."""

    id: TrackId
    path: str
    relative_path: str
    root: str
    duration_s: float


@dataclass(frozen=True, slots=True)
class MatchKeys:
    """What a track can be recognised by in another program's catalogue."""

    id: TrackId
    path: str
    relative_path: str
    root: str
    artist_key: str | None
    """Of the first artist; to compare artists take ``artist_keys``."""
    album_artist_key: str | None
    album_key: str | None
    title_key: str | None
    track_number: int | None
    duration_s: float
    musicbrainz_recording_id: str | None
    musicbrainz_track_id: str | None
    musicbrainz_album_id: str | None
    musicbrainz_artist_id: str | None
    further_artist_keys: frozenset[str] = frozenset()
    """Of the artists after the first, of the track and of its album."""

    @property
    def artist_keys(self) -> frozenset[str]:
        """The key of every artist, of the track and of its album."""
        first = {self.artist_key, self.album_artist_key}
        return self.further_artist_keys | {key for key in first if key is not None}


@dataclass(frozen=True, slots=True)
class SpokenClues:
    """What may say of a track that it is speech and not music."""

    id: TrackId
    path: str
    """From the name of the library root on."""
    artist_key: str | None
    album_key: str | None
    genres: tuple[str, ...]
    """As tagged."""
    duration_s: float
    spoken_probability: float
    """What the classifier gives the spoken styles together; 0 where it has heard nothing."""


@dataclass(frozen=True, slots=True)
class MoodTable:
    """The scores of all labels of every track, as arrays."""

    ids: IdArray
    durations_s: npt.NDArray[np.float32]
    labels: npt.NDArray[np.float32]
    """float32[tracks, 17], each by itself, not ranked; NaN where a track has no moods."""


MINOR = 12
"""What a minor key has more than the major one of its note, in ``EvidenceRows.key``."""


@dataclass(frozen=True, slots=True)
class EvidenceRows:
    """What speaks for tracks when music is asked for in words. Arrays over tracks have ascending
    ids; those over styles are in any order, some tracks having many rows and some none."""

    ids: IdArray
    bpm: npt.NDArray[np.float32]
    """NaN where the tempo is not known with confidence."""
    year: npt.NDArray[np.int16]
    """0 where the tags name none."""
    length_s: npt.NDArray[np.float32]
    key: npt.NDArray[np.int8]
    """The position in ``PITCH_CLASSES``, and ``MINOR`` more of minor keys; -1 where it is not
    known."""
    moods: npt.NDArray[np.float32]
    """float32[tracks, 21]: four axes and 17 labels, each by itself; NaN without moods."""
    styled: IdArray
    """The track of each row of styles."""
    style: npt.NDArray[np.int32]
    """The number of its label."""
    probability: npt.NDArray[np.float32]
    tags: tuple[tuple[int, str], ...]
    """Tracks with genre tags that no style stands for."""


NO_ROWS = EvidenceRows(
    ids=np.zeros(0, np.int64),
    bpm=np.zeros(0, np.float32),
    year=np.zeros(0, np.int16),
    length_s=np.zeros(0, np.float32),
    key=np.zeros(0, np.int8),
    moods=np.zeros((0, len(MOOD_AXES) + len(MOOD_LABELS)), np.float32),
    styled=np.zeros(0, np.int64),
    style=np.zeros(0, np.int32),
    probability=np.zeros(0, np.float32),
    tags=(),
)
"""Of no track."""


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """An embedding model that has been seen."""

    name: str
    dim: int
    tracks: int
    """Tracks with a vector."""


class RemoteState(StrEnum):
    """What is known of a playlist of ours on a target. Written before the target is touched."""

    UNCONFIRMED = "unconfirmed"
    """It was asked for and no clear answer came: there may be one."""
    UNFINISHED = "unfinished"
    """A change was begun; it may be done, half done or not begun over there."""
    CURRENT = "current"
    """It is as it was last pushed."""
    SUPERSEDED = "superseded"
    """Another has taken its place, and it may be removed."""


@dataclass(frozen=True, slots=True)
class RemotePlaylist:
    """A playlist of ours on a target; only these are ever touched there.

    Of one target, key and user at most one is in place; any number may be superseded.
    """

    target: str
    key: str
    user: str
    remote_id: str
    """Empty while unconfirmed."""
    name: str
    content_hash: str
    """Of what was last known to be there; of what was asked for while unconfirmed."""
    pushed_at: float
    state: RemoteState = RemoteState.CURRENT
    contents: tuple[str, ...] | None = None
    """What was last known to be in it, in order and by the target's names, so that it can be put
    back; what was asked for while unconfirmed. ``None`` where an earlier version wrote the row."""
    cover_hash: str = ""
    """Of the cover that we gave it; empty when we gave it none."""
    cover_seen: str = ""
    """What the target called the images right after that: by another name it has others now."""

    @property
    def in_place(self) -> bool:
        """Whether this is the playlist that people are to see."""
        return self.state is not RemoteState.SUPERSEDED


@dataclass(frozen=True, slots=True)
class TargetState:
    """How a push target has been doing."""

    target: str
    failures: int = 0
    """In a row."""
    next_attempt_at: float = 0.0
    last_error: str | None = None
    last_success_at: float | None = None
