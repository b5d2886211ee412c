"""The operations of the family."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from harmonie_daemon.api.beatteller import (
    crossing,
    feeling,
    finding,
    health,
    likening,
    making,
    tasting,
    telling,
    trending,
)
from harmonie_daemon.api.beatteller.errors import BeattellerError, error_renderer
from harmonie_daemon.web.access import COOKIE
from harmonie_daemon.web.endpoint import Endpoint
from harmonie_daemon.web.families import Family
from harmonie_daemon.web.metrics import metrics_endpoint
from harmonie_daemon.web.parsing import Policies

PREFIXES = ("/api",)
"""Whatever lies below it and is nobody else's, too."""
TAG = "BeatTeller"
LARGEST_STORY_BYTES = 256 * 1024
"""Of a request: a hundred tracks with the longest names."""
NOT_HERE = "Nothing in the library goes by this name."


def beatteller_family(clock: Callable[[], float] = time.time) -> Family:
    """The family, ready to be served. ``clock`` gives Unix time, for errors.

    Pages may use it in a session.
    """
    return Family(
        name="beatteller",
        prefixes=PREFIXES,
        endpoints=tuple(
            replace(one, access=COOKIE) for one in (*_music(), *_words(), *_standing())
        ),
        error_model=BeattellerError,
        render_error=error_renderer(clock),
        policies=Policies(),
        is_limited=True,
    )


def _music() -> tuple[Endpoint, ...]:
    return (
        Endpoint(
            "POST",
            "/api/discover",
            finding.discover,
            summary="Music that is asked for in words",
            description="Tracks of the library; unknown moods and genres ask for nothing.",
            tag=TAG,
        ),
        Endpoint(
            "POST",
            "/api/recommendations",
            likening.recommend,
            summary="Music like a track, an artist, an album or a genre",
            tag=TAG,
            errors={404: NOT_HERE},
        ),
        Endpoint(
            "GET",
            "/api/trending",
            trending.list_trends,
            summary="What is listened to now",
            description="Of all listeners together; what was added last where nobody has listened.",
            tag=TAG,
        ),
        Endpoint(
            "POST",
            "/api/playlist-generator",
            making.generate_playlist,
            summary="A playlist for a theme",
            description="Out of the library, as long as was asked for, give or take half a track.",
            tag=TAG,
        ),
        Endpoint(
            "POST",
            "/api/profile",
            tasting.build_profile,
            summary="A taste, and artists that fit it",
            description="Out of interactions and preferences, or of interests; without "
            "interactions, out of what was played here.",
            tag=TAG,
        ),
        Endpoint(
            "POST",
            "/api/cross-domain",
            crossing.cross_domains,
            summary="Films, books, restaurants and fashion that go with music",
            description="Asked of Qloo, else of Gemini.",
            tag=TAG,
            errors={
                404: "Whoever was asked does not know the artist.",
                502: "Whoever was asked failed.",
                503: "There is nobody to ask; the message names the variables.",
            },
        ),
    )


def _words() -> tuple[Endpoint, ...]:
    return (
        Endpoint(
            "POST",
            "/api/story",
            telling.tell_story,
            summary="A story of some tracks",
            description="Told by Gemini where there is a key, else by a grammar over what was "
            "measured in the tracks.",
            tag=TAG,
            max_body_bytes=LARGEST_STORY_BYTES,
        ),
        Endpoint(
            "POST",
            "/api/mood-analysis",
            feeling.analyze_mood,
            summary="The mood of a text, and music that has it",
            description="Read by Gemini where there is a key, else by a lexicon.",
            tag=TAG,
        ),
    )


def _standing() -> tuple[Endpoint, ...]:
    return (
        Endpoint(
            "GET",
            "/api/health",
            health.get_health,
            summary="Whether all is well",
            description="From what was last seen; nobody outside is asked.",
            tag=TAG,
            is_unlimited=True,
        ),
        metrics_endpoint("/api/metrics", tag=TAG),
    )
