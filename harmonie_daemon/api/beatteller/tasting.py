"""A taste profile."""

from __future__ import annotations

from harmonie_daemon.api.beatteller.deps import BeattellerCall
from harmonie_daemon.api.beatteller.taste_schemas import (
    SHOWN_UNKNOWN,
    DocumentedProfile,
    ProfileAnalytics,
    ProfileAnswer,
    ProfileBody,
    ProfileRecommendation,
    TastePreferences,
    UserInteraction,
    unix_time,
)
from harmonie_daemon.api.beatteller.timestamps import iso
from harmonie_daemon.discovery.answers import Hit
from harmonie_daemon.discovery.profiles import Interaction, ProfileWish, TasteProfile
from harmonie_daemon.discovery.tastes import MOST_GENRES, MOST_MOODS
from harmonie_daemon.domain.text import text_key
from harmonie_daemon.web.endpoint import Nothing

SHOWN_OF_A_KIND = 5
NOTHING = "nothing: no interaction is known"


async def build_profile(call: BeattellerCall[Nothing, Nothing, ProfileBody]) -> ProfileAnswer:
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
        sources=_sources(found, wish),
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


def _sources(found: TasteProfile, wish: ProfileWish) -> dict[str, str]:
    met = _met(found)
    said = "what is said" if wish.said else None
    weighed = " and ".join(filter(None, (met, said))) or NOTHING
    return {
        "primary_genres": f"library: styles, weighed by {weighed}",
        "mood_preferences": f"library: moods, weighed by {weighed}",
        "discovery_openness": met or NOTHING,
        "popularity_preference": f"listening: {found.popularity_source}",
        "diversity_score": f"library: styles, weighed by {weighed}",
        "genre_shares": f"library: styles, weighed by {weighed}",
        "similarity_score": "library: the cosine between what was heard",
    }


def _met(found: TasteProfile) -> str | None:
    """Where it comes from what was met; ``None`` if nothing is known to have been."""
    if found.by_plays:
        return "listening: plays that count, and skips"
    return "the interactions that were sent" if found.positive or found.negative else None
