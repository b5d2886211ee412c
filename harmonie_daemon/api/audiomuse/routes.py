"""The operations of the family."""

from __future__ import annotations

from harmonie_daemon.api.audiomuse import following, standing, starting
from harmonie_daemon.api.audiomuse.answers import NoneToCancel, NotCancelled, TaskStatus
from harmonie_daemon.api.audiomuse.errors import AudiomuseError, render_error
from harmonie_daemon.web.endpoint import Endpoint, OtherAnswer
from harmonie_daemon.web.families import Family
from harmonie_daemon.web.parsing import Policies

PREFIXES = (
    "/api/config",
    "/api/analysis",
    "/api/clustering",
    "/api/status",
    "/api/cancel",
    "/api/cancel_all",
    "/api/last_task",
    "/api/active_tasks",
    "/api/playlists",
    "/chat",
    "/external",
)
BAD_MEMBER = "A member is not what it may be; the message names it."
NO_TASK = "No task of this API has this id."
BUSY = "So many wait that no more are taken, or the daemon is still starting."


def audiomuse_family() -> Family:
    """The family, ready to be served."""
    return Family(
        name="audiomuse",
        prefixes=PREFIXES,
        endpoints=(*_starting(), *_following(), *_standing()),
        error_model=AudiomuseError,
        render_error=render_error,
        policies=Policies(
            malformed_status=400,
            empty_body_means_defaults=True,
            repeated_parameter_is_error=False,
        ),
    )


def _starting() -> tuple[Endpoint, ...]:
    return (
        Endpoint(
            "POST",
            "/api/analysis/start",
            starting.start_analysis,
            summary="Analyse the newest albums",
            description="Answers at once; the task waits for those before it.",
            tag="AudioMuse-AI",
            status=202,
            errors={400: BAD_MEMBER, 503: BUSY},
        ),
        Endpoint(
            "POST",
            "/api/clustering/start",
            starting.start_clustering,
            summary="Make playlists of what belongs together",
            description="Answers at once; the task waits for those before it.",
            tag="AudioMuse-AI",
            status=202,
            errors={400: BAD_MEMBER, 503: BUSY},
        ),
    )


def _following() -> tuple[Endpoint, ...]:
    return (
        Endpoint(
            "GET",
            "/api/status/{task_id}",
            following.get_status,
            summary="How a task stands",
            tag="AudioMuse-AI",
            others={404: OtherAnswer(TaskStatus, NO_TASK)},
        ),
        Endpoint(
            "POST",
            "/api/cancel/{task_id}",
            following.cancel,
            summary="Cancel a task and its parts",
            tag="AudioMuse-AI",
            others={
                400: OtherAnswer(NotCancelled, "It has ended already; nothing changes."),
                404: OtherAnswer(NotCancelled, NO_TASK),
            },
        ),
        Endpoint(
            "POST",
            "/api/cancel_all/{task_type_prefix}",
            following.cancel_all,
            summary="Cancel every main task of a type",
            tag="AudioMuse-AI",
            others={404: OtherAnswer(NoneToCancel, "No task of such a type is on.")},
        ),
        Endpoint(
            "GET",
            "/api/last_task",
            following.last_task,
            summary="The main task that was started last",
            tag="AudioMuse-AI",
        ),
        Endpoint(
            "GET",
            "/api/active_tasks",
            following.active_tasks,
            summary="The main task that is on",
            description="`{}` when there is none.",
            tag="AudioMuse-AI",
        ),
    )


def _standing() -> tuple[Endpoint, ...]:
    return (
        Endpoint(
            "GET",
            "/api/config",
            standing.get_config,
            summary="What is asked for where a request does not say",
            tag="AudioMuse-AI",
        ),
        Endpoint(
            "GET",
            "/api/playlists",
            standing.get_playlists,
            summary="The playlists that clusterings made",
            tag="AudioMuse-AI",
        ),
    )
