"""What a media server has, and what of it is ours."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class RemoteTrack:
    """One audio item of a server, as far as recognising it needs."""

    id: str
    path: str | None
    title: str | None
    album: str | None
    artists: tuple[str, ...]
    """Track artists, then the album artists."""
    track_number: int | None
    duration_s: float | None
    musicbrainz_ids: frozenset[str]
    """Recording and track ids, lower case."""


class MatchedBy(StrEnum):
    """How a track of ours was recognised among a server's, the surest first."""

    OWN = "own"
    """We know it of this server alone, by its id there."""
    MAPPING = "mapping"
    """The same path below a folder that the settings map."""
    PATH = "path"
    """The same path."""
    LEARNED = "learned"
    """The same path below a folder whose name there was learnt."""
    MUSICBRAINZ = "musicbrainz"
    TAGS = "tags"
    """Artist, album, title and number."""
    DURATION = "duration"
    """Artist, title and duration."""


BY_PLACE = (MatchedBy.OWN, MatchedBy.MAPPING, MatchedBy.PATH, MatchedBy.LEARNED)
"""Such a match stays right whatever else comes up over there."""


class Unmatched(StrEnum):
    """Why a track of ours was not recognised among a server's."""

    UNKNOWN_FOLDER = "unknown_folder"
    """The server shows nothing below this library root, and nothing of these tags."""
    NOT_THERE = "not_there"
    """It shows other files of this library root, but neither this path nor these tags."""
    NO_TAGS = "no_tags"
    """Its path is unknown there, and it has no artist and title to be recognised by."""
    DIFFERS = "differs"
    """The server has one of this artist and title, but of another album and duration."""
    AMBIGUOUS = "ambiguous"
    """It has several such, and nothing tells which."""


@dataclass(frozen=True, slots=True)
class RemoteUser:
    """A user of a server."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class UserItem:
    """What a server knows of one user and one of its items."""

    item_id: str
    is_favorite: bool
    plays: int
    last_played_at: float | None


@dataclass(frozen=True, slots=True)
class RootMatching:
    """How many tracks below a library root are known to a server."""

    root: str
    tracks: int
    matched: dict[MatchedBy, int]
    unmatched: dict[Unmatched, int]
    examples: tuple[str, ...] = ()
    """Paths of some that are not matched."""


@dataclass(frozen=True, slots=True)
class CatalogueReport:
    """What is known of a server's music."""

    target: str
    server_id: str
    items: int
    listed_at: float | None
    """When it was last asked for changes; ``None``: it has not been listed whole yet."""
    swept_at: float | None
    """When it was last gone through whole."""
    mappings: tuple[tuple[str, str], ...]
    """Learnt names of folders: ours, theirs."""
    roots: tuple[RootMatching, ...]
