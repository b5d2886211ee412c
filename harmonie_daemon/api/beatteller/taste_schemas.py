"""What a taste profile is made of, and what it says."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from harmonie_daemon.api.beatteller.sources import SOURCES_TEXT, Source
from harmonie_daemon.api.beatteller.texts import Name, Word
from harmonie_daemon.api.beatteller.timestamps import EXAMPLE
from harmonie_daemon.discovery.tastes import InteractionKind
from harmonie_daemon.web.validation import CASEFOLDED, FIRST_ONLY, PRINTABLE

MOST_INTERACTIONS = 10_000
MOST_SAID = 20
"""Genres, moods, activities and interests, of each."""
SHOWN_UNKNOWN = 20
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}([T ].{1,40})?", re.ASCII)


def _is_time(text: str) -> str:
    unix_time(text)
    return text


def unix_time(text: str) -> float:
    """Of an ISO time; without a zone it is UTC. Raises ``ValueError``."""
    try:
        found = datetime.fromisoformat(text) if _ISO.fullmatch(text) else None
        if found is not None:
            return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        pass
    raise ValueError(f"must be an ISO time such as {EXAMPLE}")


class UserInteraction(BaseModel):
    """What somebody did with something."""

    model_config = ConfigDict(strict=True)

    entity: Name = Field(description="An artist, a genre, an album, a track, or `artist - title`.")
    interaction_type: Annotated[InteractionKind, CASEFOLDED]
    timestamp: Annotated[str, Field(max_length=50), AfterValidator(_is_time)] | None = Field(
        default=None, description="ISO; UTC if it names no zone.", examples=[EXAMPLE]
    )


Said = Annotated[
    list[Annotated[str, Field(max_length=100), PRINTABLE]],
    FIRST_ONLY,
    Field(max_length=MOST_SAID),
]


class TastePreferences(BaseModel):
    """What somebody says they like; unknown words say nothing."""

    model_config = ConfigDict(strict=True)

    genres: Said | None = None
    moods: Said | None = None
    activities: Said | None = None


class ProfileBody(BaseModel):
    """What is known of somebody, in the document's words or in the frontend's."""

    model_config = ConfigDict(
        strict=True,
        json_schema_extra={
            "examples": [
                {
                    "user_interactions": [
                        {
                            "entity": "Aphex Twin",
                            "interaction_type": "like",
                            "timestamp": EXAMPLE,
                        }
                    ],
                    "preferences": {"genres": ["ambient"], "moods": ["calm"]},
                },
                {"interests": ["techno", "Daft Punk"]},
            ]
        },
    )

    user_interactions: (
        Annotated[list[UserInteraction], FIRST_ONLY, Field(max_length=MOST_INTERACTIONS)] | None
    ) = Field(default=None, description="Without any it is what was played here.")
    preferences: TastePreferences | None = None
    interests: Said | None = Field(
        default=None, description="As the frontend sends them: whatever somebody likes, in words."
    )
    listener: Word | None = Field(
        default=None,
        description="Ours: whose plays count where there are no interactions; everybody's.",
    )


class DocumentedProfile(BaseModel):
    """A taste in numbers."""

    primary_genres: list[str]
    mood_preferences: list[str]
    discovery_openness: float = Field(ge=0, le=1)
    popularity_preference: float = Field(ge=0, le=1)
    diversity_score: float = Field(ge=0, le=1)


class ProfileRecommendation(BaseModel):
    """An artist of the library, or a track where no artist is left."""

    name: str
    reason: str
    similarity_score: float = Field(ge=0, le=1)
    track_id: int


class ProfileAnalytics(BaseModel):
    """What the numbers rest on."""

    interactions: int = Field(description="With what is known here.")
    positive: int
    negative: int
    unknown: int = Field(description="Names and words that the library knows nothing of.")
    unknown_names: list[str] = Field(description=f"The first {SHOWN_UNKNOWN} of them.")
    not_looked_for: int = Field(
        description="Further names: the thousand that occur most are looked for."
    )
    genre_shares: dict[str, float]


class ProfileAnswer(BaseModel):
    """The profile, and artists that fit it."""

    success: bool = True
    taste_profile: DocumentedProfile
    recommendations: list[ProfileRecommendation]
    profile: dict[str, dict[str, list[str]]] = Field(
        description="By interest what the library has of it: tracks, artists and genres."
    )
    analytics: ProfileAnalytics
    insights: list[str]
    generated_at: str = Field(examples=[EXAMPLE])
    source: Source = Field(description="`listening` where plays that were counted here decided.")
    sources: dict[str, str] = Field(description=SOURCES_TEXT)
