"""The hook that the webhook plugin posts to."""

from __future__ import annotations

from typing import Any

from aiohttp import web
from pydantic import BaseModel, Field, RootModel

from harmonie_daemon.api.jellyfin.deps import JellyfinHookDeps
from harmonie_daemon.domain.errors import BadRequestError
from harmonie_daemon.web.access import KeyInQuery
from harmonie_daemon.web.endpoint import Call, Endpoint, Nothing
from harmonie_daemon.web.errors import Problem
from harmonie_daemon.web.families import Family
from harmonie_daemon.web.responding import model_response

PREFIX = "/hooks"
LARGEST_NOTICE_BYTES = 64 * 1024
"""With a long text about an artist in it; what we read of it is one kilobyte."""


class HookNotice(RootModel[dict[str, Any]]):
    """A notice of the plugin. Names in any letter case; numbers and truth values also as text.

    `NotificationType` (PlaybackStart, PlaybackProgress, PlaybackStop, ItemAdded, UserDataSaved),
    `ItemId`, `UserId`, `NotificationUsername`, `DeviceId`, `PlaybackPositionTicks`,
    `PlayedToCompletion`, `Favorite`; where the server is not configured here, `Name`, `Artist`,
    `Album` or `Path` as well. Everything else is ignored.
    """


class HookAnswer(BaseModel):
    """Whether anything was made of it."""

    taken: bool
    reason: str | None = Field(description="Why not.")


class HookError(BaseModel):
    """Why a notice was refused."""

    detail: str = Field(description="One sentence that says what to change.")


async def take_notice(call: Call[JellyfinHookDeps, Nothing, Nothing, HookNotice]) -> HookAnswer:
    """Take in one notice."""
    if call.deps.hook is None:
        raise BadRequestError("listening.enabled is false here: nothing is kept")
    taken = await call.deps.hook.take(call.body.root)
    return HookAnswer(taken=taken.is_taken, reason=taken.reason)


def jellyfin_family() -> Family:
    """The family, ready to be served."""
    return Family(
        name="jellyfin",
        prefixes=(PREFIX,),
        endpoints=(
            Endpoint(
                "POST",
                f"{PREFIX}/jellyfin",
                take_notice,
                summary="What Jellyfin's webhook plugin posts",
                description="Give the plugin this address with `?key=` and the key of the daemon, "
                "or the key as a header `X-API-Key`.",
                tag="Jellyfin",
                errors={400: "The notice lacks its type or its item, or nothing is kept."},
                access=KeyInQuery("key"),
                max_body_bytes=LARGEST_NOTICE_BYTES,
            ),
        ),
        error_model=HookError,
        render_error=_render,
    )


def _render(problem: Problem) -> web.Response:
    return model_response(HookError(detail=problem.detail), status=problem.status)
