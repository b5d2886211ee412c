"""The operations of the family: the document's, the present public API's, and the files."""

from __future__ import annotations

from harmonie_daemon.api.beatoven import files, present, status, tracks
from harmonie_daemon.api.beatoven.errors import BeatovenError, render_error
from harmonie_daemon.domain.composition import MEDIA_TYPES
from harmonie_daemon.web.access import SIGNED
from harmonie_daemon.web.endpoint import Endpoint
from harmonie_daemon.web.families import Family
from harmonie_daemon.web.parsing import Policies

V1, V2 = "/api/v1", "/api/v2"
PREFIXES = (V2, f"{V1}/tracks/compose", f"{V1}/tasks", files.PREFIX)
"""``/api/v1/tracks`` itself is harmonie's, but for the one method that is ours."""
TAG, PRESENT_TAG = "Beatoven", "Beatoven, present public API"
NO_TRACK = "No track has this id, or it has no such version."
NO_TASK = "No task has this id."
BUSY = "So many compositions wait that no more are taken, or the daemon is still starting."


def beatoven_family() -> Family:
    """The family, ready to be served."""
    return Family(
        name="beatoven",
        prefixes=PREFIXES,
        endpoints=(*_document(), *_present(), _files()),
        error_model=BeatovenError,
        render_error=render_error,
        policies=Policies(empty_body_means_defaults=True),
    )


def _document() -> tuple[Endpoint, ...]:
    return (
        Endpoint(
            "POST",
            f"{V2}/tracks",
            tracks.create_track,
            summary="Create a track",
            description="From a prompt, from parameters, or from both: parameters win.",
            tag=TAG,
        ),
        Endpoint(
            "POST",
            f"{V2}/tracks/{{id}}/compose",
            tracks.compose_track,
            summary="Compose a track",
            description="Answers at once. What the body leaves out is as it was before.",
            tag=TAG,
            errors={404: NO_TRACK, 503: BUSY},
        ),
        Endpoint(
            "GET",
            f"{V2}/status/{{task_id}}",
            status.get_composition_status,
            summary="How a composition stands",
            tag=TAG,
            errors={404: NO_TASK},
        ),
        Endpoint(
            "POST",
            f"{V2}/tracks/{{id}}/instrument_urls",
            tracks.make_stems,
            summary="Make the stems of a track",
            description="Answers at once; nothing is made twice.",
            tag=TAG,
            errors={400: "The track is not composed yet.", 404: NO_TRACK, 503: BUSY},
        ),
        Endpoint(
            "GET",
            f"{V2}/tracks/{{id}}",
            tracks.get_track_files,
            summary="Get a composed track",
            tag=TAG,
            errors={404: NO_TRACK},
        ),
        Endpoint(
            "GET",
            f"{V2}/composition_params",
            tracks.get_composition_params,
            summary="What a track may be made of",
            tag=TAG,
        ),
    )


def _present() -> tuple[Endpoint, ...]:
    return (
        Endpoint(
            "POST",
            f"{V1}/tracks",
            present.create_from_prompt,
            summary="Create a track from a prompt",
            tag=PRESENT_TAG,
        ),
        Endpoint(
            "POST",
            f"{V1}/tracks/compose",
            present.compose_prompt,
            summary="Compose a prompt",
            description="The track and its stems; answers at once.",
            tag=PRESENT_TAG,
            errors={503: BUSY},
        ),
        Endpoint(
            "POST",
            f"{V1}/tracks/compose/{{id}}",
            present.compose_known,
            summary="Compose a track that was created",
            tag=PRESENT_TAG,
            errors={404: NO_TRACK, 503: BUSY},
        ),
        Endpoint(
            "GET",
            f"{V1}/tasks/{{task_id}}",
            present.get_present_status,
            summary="How a composition stands",
            tag=PRESENT_TAG,
            errors={404: NO_TASK},
        ),
    )


def _files() -> Endpoint:
    return Endpoint(
        "GET",
        f"{files.PREFIX}/{{id}}/{{version}}/{{name}}",
        files.get_file,
        summary="A file of a composition",
        description="Answers give its address away, which opens it for a day.",
        tag=TAG,
        access=SIGNED,
        media_types=tuple(dict.fromkeys(MEDIA_TYPES.values())),
        errors={404: "There is no such file any more."},
    )
