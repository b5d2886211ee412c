"""The operations of the family."""

from __future__ import annotations

from harmonie_daemon.api.harmonie import (
    generated,
    playlists,
    plays,
    tracks,
)
from harmonie_daemon.api.harmonie.composition_routes import composition_endpoints
from harmonie_daemon.api.harmonie.errors import Error, render_error
from harmonie_daemon.api.harmonie.jellyfin_routes import jellyfin_endpoints
from harmonie_daemon.api.harmonie.play_schemas import MOST_TOLD_BYTES
from harmonie_daemon.api.harmonie.service_routes import service_endpoints
from harmonie_daemon.web.endpoint import Endpoint
from harmonie_daemon.web.families import Family
from harmonie_daemon.web.parsing import Policies

V1 = "/api/v1"
METRICS = "/metrics"
PREFIXES = (V1, "/health", METRICS)
BAD_FILTER = "A filter does not follow the grammar; the detail says what would."
NO_TRACK = "No track has this id."


def harmonie_family() -> Family:
    """The family, ready to be served."""
    return Family(
        name="harmonie",
        prefixes=PREFIXES,
        endpoints=(
            *_tracks(),
            *_taxonomy(),
            *_playlists(),
            *_plays(),
            *composition_endpoints(f"{V1}/compositions"),
            *jellyfin_endpoints(f"{V1}/jellyfin"),
            *service_endpoints(V1, METRICS),
        ),
        error_model=Error,
        render_error=render_error,
        policies=Policies(malformed_status=422),
    )


def _tracks() -> tuple[Endpoint, ...]:
    return (
        Endpoint(
            "GET",
            f"{V1}/tracks",
            tracks.list_tracks,
            summary="List tracks, or search them",
            tag="Tracks",
            errors={
                400: f"{BAD_FILTER} Or `q` holds neither a letter nor a digit.",
                503: "The words of a library of an earlier release are still being collected.",
            },
        ),
        Endpoint(
            "GET",
            f"{V1}/tracks/resolve",
            tracks.resolve_track,
            summary="Find one track by path or tags",
            description="The first that matches: absolute path, relative path, (artist, album, "
            "title), (title, artist) or (title, album), then the path as another mount or "
            "Windows would write it; at last the tags without accents and typographic "
            "apostrophes, or a title alone if only one track has it. Names match in any case, "
            "each of several artists counts, and the smallest id wins ties.",
            tag="Tracks",
            errors={400: "None of the four parameters was given.", 404: "Nothing matched."},
        ),
        Endpoint(
            "GET",
            f"{V1}/tracks/{{id}}",
            tracks.get_track,
            summary="Get a track",
            tag="Tracks",
            errors={404: NO_TRACK},
        ),
        Endpoint(
            "GET",
            f"{V1}/tracks/{{id}}/similar",
            tracks.similar_tracks,
            summary="Find similar tracks",
            description="The nearest tracks by cosine similarity, among those with the same "
            "model; by mutual proximity with `ranking=mutual`. A track without an embedding has "
            "no matches.",
            tag="Tracks",
            errors={400: BAD_FILTER, 404: NO_TRACK},
        ),
    )


def _taxonomy() -> tuple[Endpoint, ...]:
    return (
        Endpoint(
            "GET",
            f"{V1}/genres",
            tracks.list_genres,
            summary="List genres",
            tag="Genres and styles",
        ),
        Endpoint(
            "GET",
            f"{V1}/styles",
            tracks.list_styles,
            summary="List styles",
            tag="Genres and styles",
            errors={400: "The genre holds '---' or is blank."},
        ),
    )


def _playlists() -> tuple[Endpoint, ...]:
    return (
        Endpoint(
            "POST",
            f"{V1}/playlists",
            playlists.build_playlist,
            summary="Build a playlist",
            description="`similar` stays near the seeds, `drift` walks away from them, `vibe` "
            "needs none and ranks what passes the filter by its closeness to a target.",
            tag="Playlists",
            errors={
                400: "A filter does not follow the grammar, there is no seed, or none resolved.",
                404: "An id among the seeds is unknown.",
            },
        ),
        Endpoint(
            "GET",
            f"{V1}/playlists",
            generated.list_generated,
            summary="The playlists that appear by themselves",
            tag="Playlists",
        ),
        Endpoint(
            "DELETE",
            f"{V1}/playlists/{{key}}",
            generated.delete_kept,
            summary="Let go of a playlist that was kept on request",
            description="One that `save` of the BeatTeller API kept; it goes from the targets with "
            "the next push, which begins now. What a recipe makes would only be made again.",
            tag="Playlists",
            status=204,
            errors={
                400: "A recipe or another maker makes it.",
                404: "No playlist has this key.",
            },
        ),
        Endpoint(
            "GET",
            f"{V1}/playlists/refresh",
            generated.plan_refresh,
            summary="What making every recipe and bringing it to its targets would change now",
            description="Nothing is kept or changed, here or there: servers get reading requests "
            "alone. Recipes that are made by a task count as what they made last.",
            tag="Playlists",
        ),
        Endpoint(
            "POST",
            f"{V1}/playlists/refresh",
            generated.refresh_generated,
            summary="Make every recipe anew and bring it to its targets now",
            description="Answers when it is done, within a minute. A target is tried once, "
            "however often it failed before.",
            tag="Playlists",
        ),
    )


def _plays() -> tuple[Endpoint, ...]:
    path, tag = f"{V1}/plays", "Listening"
    return (
        Endpoint(
            "POST",
            path,
            plays.tell_plays,
            summary="Tell what was played",
            description="For any player: one play, or a list of up to 1000. Each is looked at by "
            "itself; those of a list that cannot be kept are named in the answer, and the others "
            "are kept. A play that is told twice, by whomever, counts once.",
            tag=tag,
            errors={400: "No plays are kept here (`listening.enabled`)."},
            max_body_bytes=MOST_TOLD_BYTES,
        ),
        Endpoint(
            "GET",
            path,
            plays.list_plays,
            summary="What was played, and by whom how much",
            tag=tag,
            errors={400: "Nobody can be called that."},
        ),
        Endpoint(
            "DELETE",
            path,
            plays.forget_plays,
            summary="Forget a listener",
            description="Plays, favourites and play totals. What is from before stays away, also "
            "when a server or a player tells it again.",
            tag=tag,
            errors={400: "The listener is missing, or nobody can be called that."},
        ),
        Endpoint(
            "POST",
            f"{path}/import",
            plays.take_in_again,
            summary="Take in again what was forgotten",
            description="The next look at the servers imports the listener's totals and "
            "favourites.",
            tag=tag,
            errors={400: "The listener is missing, or nobody can be called that."},
        ),
    )
