"""A taste profile."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from harmonie_daemon.api.beatteller.deps import BeattellerCall
from harmonie_daemon.api.beatteller.sources import SOURCES_TEXT, Source
from harmonie_daemon.api.beatteller.texts import Name, Printable, Word
from harmonie_daemon.api.beatteller.timestamps import EXAMPLE, iso
from harmonie_daemon.discovery.answers import Hit
from harmonie_daemon.discovery.profiles import Interaction, ProfileWish, TasteProfile
from harmonie_daemon.discovery.tastes import MOST_GENRES, MOST_MOODS, InteractionKind
from harmonie_daemon.domain.text import text_key
from harmonie_daemon.web.endpoint import Nothing
from harmonie_daemon.web.validation import FIRST_ONLY

MOST_INTERACTIONS = 10_000
MOST_SAID = 20
"""Genres, moods, activities and interests, of each."""
SHOWN_UNKNOWN = 20
SHOWN_OF_A_KIND = 5
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}([T ].{1,40})?", re.ASCII)


def _kind(value: object) -> object:
    return value.strip().casefold() if isinstance(value, str) else value


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
    interaction_type: Annotated[InteractionKind, BeforeValidator(_kind)]
    timestamp: Annotated[str, Field(max_length=50), AfterValidator(_is_time)] | None = Field(
        default=None, description="ISO; UTC if it names no zone.", examples=[EXAMPLE]
    )


Said = Annotated[
    list[Annotated[str, Field(max_length=100), Printable]],
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


async def post_profile(call: BeattellerCall[Nothing, Nothing, ProfileBody]) -> ProfileAnswer:
    """The formulas stand in docs/api/beatteller.md."""
    body, deps = call.body, call.deps
    preferences = body.preferences or TastePreferences()
    genres, moods = _known(preferences.genres), _known(preferences.moods)
    interests = _known(body.interests)
    wish = ProfileWish(
        interactions=tuple(_interaction(one) for one in body.user_interactions or ()),
        said=(*genres, *moods, *_known(preferences.activities), *interests),
        listener=(body.listener or "").strip() or None,
    )
    found = await deps.profiler.profile(wish, deps.settings.default_limit)
    return ProfileAnswer(
        taste_profile=_documented(found, genres, moods),
        recommendations=[
            ProfileRecommendation(
                name=one.name,
                reason=one.reason,
                similarity_score=one.similarity,
                track_id=one.track_id,
            )
            for one in found.suggestions
        ],
        profile={text: _by_category(found.said[text]) for text in interests},
        analytics=ProfileAnalytics(
            interactions=found.positive + found.negative,
            positive=found.positive,
            negative=found.negative,
            unknown=len(found.unknown),
            not_looked_for=found.not_looked_for,
            unknown_names=list(found.unknown[:SHOWN_UNKNOWN]),
            genre_shares={name: round(one, 4) for name, one in found.taste.genre_shares.items()},
        ),
        insights=_insights(found),
        generated_at=iso(deps.clock()),
        source="listening" if found.by_plays else "library",
        sources=_sources(found),
    )


def _known(said: list[str] | None) -> tuple[str, ...]:
    """Each once, without blank ones."""
    return tuple(dict.fromkeys(text.strip() for text in said or () if text.strip()))


def _interaction(one: UserInteraction) -> Interaction:
    at = None if one.timestamp is None else unix_time(one.timestamp)
    return Interaction(one.entity, one.interaction_type, at)


def _documented(
    found: TasteProfile, genres: tuple[str, ...], moods: tuple[str, ...]
) -> DocumentedProfile:
    """What is said comes before what was found."""
    taste = found.taste
    return DocumentedProfile(
        primary_genres=_merged(genres, taste.genres, MOST_GENRES),
        mood_preferences=_merged(moods, taste.moods, MOST_MOODS),
        discovery_openness=round(taste.openness, 4),
        popularity_preference=round(taste.popularity, 4),
        diversity_score=round(taste.diversity, 4),
    )


def _merged(said: tuple[str, ...], found: tuple[str, ...], most: int) -> list[str]:
    by_key = {text_key(name): name for name in reversed((*said, *found))}
    in_order = dict.fromkeys(text_key(name) for name in (*said, *found))
    return [by_key[key] for key in in_order][: max(most, len(said))]


def _by_category(hits: tuple[Hit, ...]) -> dict[str, list[str]]:
    artists = [hit.artist for hit in hits if hit.artist]
    kinds = {
        "Music": [hit.name for hit in hits],
        "Artist": artists,
        "Genre": [genre for hit in hits for genre in hit.genres],
    }
    return {kind: list(dict.fromkeys(names))[:SHOWN_OF_A_KIND] for kind, names in kinds.items()}


def _insights(found: TasteProfile) -> list[str]:
    """The numbers as sentences."""
    taste = found.taste
    shares = list(taste.genre_shares.items())
    said = [f"{100 * share:.0f} % of what you like is {name}" for name, share in shares[:1]]
    if len(shares) > 1:
        said.append(f"{len(shares)} genres are in it")
    if taste.moods:
        said.append(f"more {taste.moods[0]} than this library is on the whole")
    if found.positive:
        said.append(f"{found.positive} welcome meetings, {found.negative} others")
    if found.unknown:
        said.append(f"{len(found.unknown)} names or words are not known here")
    return said or ["nothing is known yet: send interactions or preferences, or play something"]


def _sources(found: TasteProfile) -> dict[str, str]:
    met = "listening: plays that count" if found.by_plays else "the interactions that were sent"
    return {
        "primary_genres": f"library: styles, weighed by {met}",
        "mood_preferences": f"library: moods, weighed by {met}",
        "discovery_openness": met,
        "popularity_preference": f"listening: {found.popularity_source}",
        "diversity_score": f"library: styles, weighed by {met}",
        "similarity_score": "library: the cosine between what was heard",
    }
