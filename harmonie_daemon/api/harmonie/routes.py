"""The operations of the family."""

from __future__ import annotations

from harmonie_daemon.api.harmonie import (
    checkup,
    compositions,
    generated,
    playlists,
    plays,
    scan,
    service,
    tracks,
)
from harmonie_daemon.api.harmonie.errors import Error, render_error
from harmonie_daemon.api.harmonie.jellyfin_routes import jellyfin_endpoints
from harmonie_daemon.api.harmonie.play_schemas import MOST_TOLD_BYTES
from harmonie_daemon.api.harmonie.session_routes import session_endpoints
from harmonie_daemon.domain.composition import MEDIA_TYPES
from harmonie_daemon.web.access import OPEN
from harmonie_daemon.web.endpoint import Endpoint
from harmonie_daemon.web.families import Family
from harmonie_daemon.web.metrics import metrics_endpoint
from harmonie_daemon.web.parsing import Policies

V1 = "/api/v1"
METRICS = "/metrics"
PREFIXES = (V1, "/health", METRICS)
BAD_FILTER = "A filter does not follow the grammar; the detail says what would."
NO_COMPOSITION = "There is no composition, version or file like that (any more)."
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
            *_compositions(),
            *jellyfin_endpoints(f"{V1}/jellyfin"),
            *_service(),
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


def _compositions() -> tuple[Endpoint, ...]:
    path, tag = f"{V1}/compositions", "Compositions"
    gone = {404: NO_COMPOSITION}
    return (
        Endpoint(
            "POST",
            path,
            compositions.compose,
            summary="Compose music from words",
            description="Answers at once; the composition says how far it is, and what came of it.",
            tag=tag,
            errors={400: "The words ask for what cannot be composed.", 503: "Too many wait."},
        ),
        Endpoint("GET", path, compositions.list_compositions, summary="List compositions", tag=tag),
        Endpoint(
            "GET",
            f"{path}/{{id}}",
            compositions.get_composition,
            summary="Get a composition",
            tag=tag,
            errors=gone,
        ),
        Endpoint(
            "DELETE",
            f"{path}/{{id}}",
            compositions.delete_composition,
            summary="Delete a composition with its files",
            description="If it is being made, that ends. What was put into the library stays.",
            tag=tag,
            status=204,
            errors=gone,
        ),
        Endpoint(
            "GET",
            f"{path}/{{id}}/audio",
            compositions.get_audio,
            summary="Its sound",
            tag=tag,
            errors=gone,
            media_types=tuple(dict.fromkeys(MEDIA_TYPES.values())),
        ),
        Endpoint(
            "GET",
            f"{path}/{{id}}/midi",
            compositions.get_midi,
            summary="Its notes",
            tag=tag,
            errors=gone,
            media_types=(MEDIA_TYPES["mid"],),
        ),
    )


def _service() -> tuple[Endpoint, ...]:
    return (
        Endpoint(
            "GET",
            f"{V1}/status",
            service.get_status,
            summary="Configuration and counters",
            tag="Service",
        ),
        Endpoint(
            "GET",
            f"{V1}/doctor",
            checkup.examine,
            summary="Look at everything the daemon depends on",
            description="Folders, limits, room, models and every target. Changes nothing.",
            tag="Service",
        ),
        Endpoint(
            "POST",
            f"{V1}/doctor/trial",
            checkup.try_out,
            summary="Look at everything and try the targets",
            description="Makes a playlist of its own at every target, changes it and deletes it.",
            tag="Service",
        ),
        *session_endpoints(V1),
        Endpoint("GET", f"{V1}/scan", scan.get_scan, summary="The state of the scan", tag="Scan"),
        Endpoint(
            "POST",
            f"{V1}/scan",
            scan.start_scan,
            summary="Start a scan",
            description="Answers at once. While a scan of the whole library is running, nothing "
            "happens, forced or not; a scan of changed folders alone is followed by this one.",
            tag="Scan",
        ),
        Endpoint(
            "POST",
            f"{V1}/scan/cancel",
            scan.cancel_scan,
            summary="End the running scan",
            description="What it has analysed stays.",
            tag="Scan",
        ),
        Endpoint(
            "POST",
            f"{V1}/scan/pause",
            scan.pause_scan,
            summary="Let the running scan rest",
            description="The files that are being analysed are finished first.",
            tag="Scan",
        ),
        Endpoint(
            "POST", f"{V1}/scan/resume", scan.resume_scan, summary="Go on after a pause", tag="Scan"
        ),
        Endpoint("GET", "/health", service.health, summary="Liveness", tag="Service", access=OPEN),
        metrics_endpoint(METRICS, tag="Service"),
    )
