"""How this family says no: ``{"detail": "…"}``."""

from __future__ import annotations

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field

from harmonie_daemon.web.errors import Problem
from harmonie_daemon.web.responding import model_response


class Error(BaseModel):
    """Why a request was not answered."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"detail": "no matching track"}]})

    detail: str = Field(description="One sentence that says what to change.")


def render_error(problem: Problem) -> web.Response:
    """The body of a problem in this family."""
    return model_response(Error(detail=problem.detail), status=problem.status)
