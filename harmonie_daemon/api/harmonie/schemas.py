"""What travels over the wire, other than playlists (``playlist_schemas``) and filters.

What goes out by the thousand is dataclasses: they hold what the store has checked already, and
cost a sixth of pydantic models (freezing them would double that).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, Field

from harmonie_daemon.api.harmonie.filter_schemas import (
    FilterQuery,
    GenreText,
    Probability,
    ScaleName,
)
from harmonie_daemon.domain.words import LONGEST_SEARCH
from harmonie_daemon.web.validation import INT64_MAX, WHOLE_TEXT, QueryId

DEFAULT_PAGE = 100
MAX_PAGE = 1000
DEFAULT_MATCHES = 10
MAX_MATCHES = 500


def _none_if_blank(value: object) -> object:
    return None if isinstance(value, str) and not value.strip() else value


TagText = Annotated[str | None, BeforeValidator(_none_if_blank)]
SearchText = Annotated[
    str | None, Field(max_length=LONGEST_SEARCH), BeforeValidator(_none_if_blank)
]
RankingName = Literal["cosine", "mutual"]
RANKING = (
    "What makes a track near: the cosine, or mutual proximity, by which fewer tracks turn up "
    "everywhere. The score is the cosine in any case. Left out: the setting `ranking`, which is "
    "cosine unless changed."
)
Limit = Annotated[int, Field(ge=1, le=MAX_PAGE, description="Page size."), WHOLE_TEXT]
Offset = Annotated[int, Field(ge=0, le=INT64_MAX, description="How many to skip."), WHOLE_TEXT]


class TrackPath(BaseModel):
    """Which track."""

    id: QueryId = Field(description="Track id.", examples=[42])


class TrackListQuery(FilterQuery):
    """Words, paging, order, model and filters."""

    q: SearchText = Field(
        default=None,
        description="Only tracks that have every word of this in their title, artists, album, "
        "genres or styles, or in the path of a file without such tags. Accents and case do not "
        "count; a word of three letters may stand within another one, a shorter one at the "
        "beginning of one.",
        examples=["björk army"],
    )
    limit: Limit = DEFAULT_PAGE
    offset: Offset = 0
    order_by: Literal["id", "path", "bpm", "duration", "analyzed_at"] | None = Field(
        default=None,
        description="Ascending; tracks without the value come last. Left out: `id`, or with `q` "
        "the best match first.",
    )
    model: str | None = Field(
        default=None, description="Only tracks with an embedding of this model."
    )


class SimilarQuery(FilterQuery):
    """How many, and filters for the candidates."""

    limit: Annotated[
        int, Field(ge=1, le=MAX_MATCHES, description="Number of matches."), WHOLE_TEXT
    ] = DEFAULT_MATCHES
    include_self: bool = Field(
        default=False, description="Whether the track itself is among its matches."
    )
    ranking: RankingName | None = Field(default=None, description=RANKING)


class ResolveQuery(BaseModel):
    """What is known of a track; at least one of the four."""

    path: TagText = Field(default=None, description="Absolute or library-relative path.")
    artist: TagText = None
    album: TagText = None
    title: TagText = None


class GenresQuery(BaseModel):
    """Which style rows count."""

    style_min: Probability = 0.0


class StylesQuery(GenresQuery):
    """Which style rows count, and of which genre."""

    genre: GenreText | None = Field(default=None, description="Only styles of this genre.")


@dataclass(slots=True)
class StyleEntry:
    """One label of the Discogs taxonomy."""

    style: Annotated[str, Field(examples=["Electronic---House"])]
    probability: Annotated[float, Field(examples=[0.71])]


@dataclass(slots=True)
class TrackIdentity:
    """What finds a track again in another system."""

    path: str
    library_root: str
    relative_path: str
    artist: str | None
    album: str | None
    title: str | None
    track_number: int | None
    styles: Annotated[list[StyleEntry], Field(description="Most probable first.")]


@dataclass(slots=True)
class TrackEntry(TrackIdentity):
    """A track as lists show it."""

    id: int
    duration: Annotated[float, Field(description="Seconds.")]
    model: Annotated[str | None, Field(description="Embedding model; null without an embedding.")]
    bpm: float | None
    key: Annotated[str | None, Field(examples=["A"])]
    scale: ScaleName | None
    danceability: Annotated[float | None, Field(description="0 to about 3.")]
    loudness: Annotated[
        float | None, Field(description="ReplayGain in dB; loud tracks are negative.")
    ]


class MoodEntry(BaseModel):
    """A score of the track by itself, and what it is worth."""

    value: float = Field(description="0 to 1.", examples=[0.62])
    source: Literal["audio", "genres", "styles", "tags"] = Field(
        description="What counted beside what was measured: nothing (audio), the file's genre "
        "tags, the styles that the classifier heard, or mood tags."
    )
    confidence: float = Field(
        description="0 to 1: how far the value is to be trusted.", examples=[0.55]
    )


@dataclass(slots=True)
class TrackRecord(TrackEntry):
    """Everything about a track."""

    size: Annotated[int, Field(description="Bytes.")]
    mtime: Annotated[float, Field(description="Unix time of the file's last modification.")]
    embedding_dim: int | None
    descriptor_version: int
    bpm_confidence: Annotated[
        float | None,
        Field(
            description="0 to 5.32; below 0.3 there may be no beat at all, above 1.5 the tempo is "
            "dependable."
        ),
    ]
    tempo_known: Annotated[
        bool,
        Field(
            description="Whether `bpm` counts. Where it was heard with a confidence below 0.3, it "
            "is shown, but filters, playlists and transitions take the tempo as unknown."
        ),
    ]
    key_strength: float | None
    onset_rate: Annotated[float | None, Field(description="Onsets per second.")]
    energy: Annotated[
        MoodEntry | None, Field(description="Sparse and soft (0) to dense and bright (1).")
    ]
    valence: Annotated[
        MoodEntry | None, Field(description="Sad or angry (0) to glad or serene (1).")
    ]
    arousal: Annotated[MoodEntry | None, Field(description="Calm (0) to excited (1).")]
    moods: Annotated[
        dict[str, float],
        Field(
            description="Score, 0 to 1, of each of 17 labels, the strongest first; empty when the "
            "track is silent or too short to have any.",
            examples=[{"relaxed": 0.81, "warm": 0.64}],
        ),
    ]
    analyzed_at: Annotated[float, Field(description="Unix time of the last analysis.")]


class TrackPage(BaseModel):
    """One page of tracks."""

    items: list[TrackEntry]
    total: int = Field(description="Tracks that pass the filters, on all pages together.")
    limit: int
    offset: int


@dataclass(slots=True)
class MatchEntry(TrackIdentity):
    """A track with the score that brought it here."""

    track_id: int
    score: Annotated[
        float,
        Field(
            description="Of `/similar`: cosine to the track asked about, -1 to 1. Of a playlist: "
            "`similar` cosine to the pick before (the first: to the mean of the seeds), `drift` "
            "cosine to the last pick of the chunk before, `vibe` the fitness, 0 to 1; a seed that "
            "is included: cosine to the mean of the seeds."
        ),
    ]


class SimilarTracks(BaseModel):
    """The nearest tracks, nearest first."""

    query_id: int
    matches: list[MatchEntry]


class GenreEntry(BaseModel):
    """A genre of the library."""

    genre: str
    track_count: int = Field(description="Style rows under the genre.")
    style_count: int = Field(description="Distinct styles under the genre.")
    mean_probability: float
    max_probability: float


class GenreList(BaseModel):
    """All genres."""

    items: list[GenreEntry]
    total: int


class StyleCountEntry(BaseModel):
    """A style of the library."""

    style: str = Field(examples=["Electronic---House"])
    track_count: int
    mean_probability: float
    max_probability: float


class StyleList(BaseModel):
    """All styles."""

    items: list[StyleCountEntry]
    total: int
