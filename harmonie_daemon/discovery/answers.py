"""What discovery answers."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from harmonie_daemon.discovery.query import Query
from harmonie_daemon.domain.track import Track, TrackId

MOST_GENRES = 4


@dataclass(frozen=True, slots=True)
class Hit:
    """A track that answers a query."""

    track_id: TrackId
    name: str
    """Its title, or else the name of its file."""
    artist: str | None
    album: str | None
    genres: tuple[str, ...]
    """Its likeliest styles, else its genre tags."""
    popularity: float
    """0 to 1: its rank by counted plays in this library; 0 where it was never played."""
    relevance: float
    """0 to 1."""
    reasons: tuple[str, ...]
    """The evidence, the weightiest first: ``style Death Metal 0.83``, ``182 BPM``."""
    mood_match: float | None = None
    """0 to 1: how well it has the moods that are asked for; ``None`` if none is."""


@dataclass(frozen=True, slots=True)
class Discovered:
    """The answer to a text."""

    hits: tuple[Hit, ...]
    """The most relevant first."""
    total: int
    """Tracks that answer at all, however many are shown."""
    understood: Query
    popularity_source: str


class EntityKind(StrEnum):
    """What an entity was taken for."""

    TRACK = "track"
    ARTIST = "artist"
    ALBUM = "album"
    GENRE = "genre"


@dataclass(frozen=True, slots=True)
class Recommendation:
    """A track, or an artist, that is like the entity asked about."""

    kind: EntityKind
    """Track or artist."""
    name: str
    """The title, or the artist's name."""
    track_id: TrackId
    """The track, or the artist's track that is nearest to the entity."""
    artist: str | None
    album: str | None
    """``None`` for an artist."""
    genres: tuple[str, ...]
    popularity: float
    """As of ``Hit``, of ``track_id``."""
    similarity: float
    """0 to 1: the cosine, negative ones being 0."""
    reason: str


@dataclass(frozen=True, slots=True)
class Recommended:
    """What is like an entity."""

    entity: str
    """As the library spells it."""
    taken_for: EntityKind
    items: tuple[Recommendation, ...]
    """The nearest first."""
    total: int
    """Whatever could be recommended, however much is shown."""
    popularity_source: str


def track_name(track: Track) -> str:
    """The title, or else the name of the file without its folders."""
    return track.tags.title or track.file.relative_path.rpartition("/")[2]


def genres_of(track: Track) -> tuple[str, ...]:
    """What to call a track's kind of music."""
    styles = tuple(dict.fromkeys(score.style for score in track.styles))
    return (styles or track.tags.genres)[:MOST_GENRES]
