"""How this family says no: the same sentence as ``error`` and as ``message``.

Its clients show the one or the other. Who brings no key reads ``Unauthorized``, which they know.
"""

from __future__ import annotations

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field

from harmonie_daemon.web.errors import Problem
from harmonie_daemon.web.responding import model_response

_EXAMPLE = "num_clusters_min: must be 2 or more, not 1"


class AudiomuseError(BaseModel):
    """Why a request was not answered."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"error": _EXAMPLE, "message": _EXAMPLE}]}
    )

    error: str = Field(description="The message once more; `Unauthorized` without the key.")
    message: str = Field(description="One sentence that says what to change.")


def render_error(problem: Problem) -> web.Response:
    """The body of a problem in this family."""
    error = "Unauthorized" if problem.status == 401 else problem.detail
    return model_response(
        AudiomuseError(error=error, message=problem.detail), status=problem.status
    )
