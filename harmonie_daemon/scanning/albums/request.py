"""What is asked of an analysis, and how far it is: values that its records keep."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import SecretStr


@dataclass(frozen=True, slots=True)
class ServerLogin:
    """A Jellyfin server, and as whom it is asked.

    The token is a secret by its type: records of tasks and logs show a mask in its place.
    """

    url: str
    token: SecretStr
    user: str | None = None
    """By name or id; ``None``: whoever the token is, or with an API key everybody."""
    is_ours: bool = True
    """Whether it is the server of the configuration."""
    device_id: str | None = None
    """What the server knows the holder of the token by; ``None``: this installation."""


@dataclass(frozen=True, slots=True)
class AnalysisRequest:
    """Which albums, and what is to be said of their tracks."""

    num_recent_albums: int
    """The newest so many; 0 for all."""
    top_n_moods: int
    server: ServerLogin | None = None
    """Whose albums; ``None``: the folders' own, by the time of their files."""


@dataclass(frozen=True, slots=True)
class AlbumRequest:
    """One album of an analysis."""

    number: int
    """Its place among the albums of the analysis, from 0."""
    album_id: str
    """The server's, or the folder's path."""
    album_name: str
    total_tracks_in_album: int


@dataclass(frozen=True, slots=True)
class TrackSummary:
    """What was heard in one track."""

    name: str
    """``title by artist``."""
    tempo: float | None
    key: str | None
    scale: str | None
    moods: Mapping[str, float] = field(default_factory=dict)
    """The strongest labels, the strongest first."""


@dataclass(frozen=True, slots=True)
class AlbumProgress:
    """Where an album stands."""

    album_name: str
    total_tracks_in_album: int
    tracks_done: int = 0
    tracks_analyzed: int = 0
    tracks_skipped: int = 0
    tracks_failed: int = 0
    current_track: str | None = None
    current_track_analysis: TrackSummary | None = None
    resting: str | None = None
    """Why no track is begun just now."""


@dataclass(frozen=True, slots=True)
class AnalysisProgress:
    """Where an analysis stands; what follows ``album_task_ids`` is the album's that spoke last."""

    albums_found: int
    total_albums: int
    albums_completed: int = 0
    successful_albums: int = 0
    failed_albums: int = 0
    total_tracks_analyzed: int = 0
    tracks_skipped: int = 0
    tracks_failed: int = 0
    recent_failures: tuple[str, ...] = ()
    """Track and reason, newest last, at most 10."""
    album_task_ids: tuple[str, ...] = ()
    """Of the albums that were begun last, at most 100."""
    album_name: str | None = None
    current_track: str | None = None
    current_track_analysis: TrackSummary | None = None
    resting: str | None = None
