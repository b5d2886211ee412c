"""How this family says no: ``{"error": "…"}``."""

from __future__ import annotations

from aiohttp import web
from pydantic import BaseModel, Field

from harmonie_daemon.web.errors import Problem
from harmonie_daemon.web.responding import model_response


class BeatovenError(BaseModel):
    """Why a request was not answered."""

    error: str = Field(
        description="One sentence that says what to change.",
        examples=["sections: there is a gap from 30000 to 40000 ms before section 2"],
    )


def render_error(problem: Problem) -> web.Response:
    """The body of a problem in this family."""
    return model_response(BeatovenError(error=problem.detail), status=problem.status)
