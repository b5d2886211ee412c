"""How this family says no: ``{"error": "…"}``, and with the program where one was written."""

from __future__ import annotations

import re

from aiohttp import web
from pydantic import BaseModel, Field

from harmonie_daemon.web.errors import Problem
from harmonie_daemon.web.responding import model_response

_PATH = re.compile(r"\A/[^:\n]+(?=: )|(?<![\w.:/])/(?:[\w.@+-]+/)+[\w.@+-]*")
"""What an error of the system begins with; elsewhere two names and more below the root, which
``1/8`` and addresses are not."""


class StalgiaError(BaseModel):
    """Why a request was not answered."""

    error: str = Field(
        description="One sentence that says what to change.",
        examples=["there is no prompt; say in a sentence or two what the music is to be"],
    )


class GenerationFailure(BaseModel):
    """Why nothing plays, and the program that was tried last."""

    error: str
    code: str = Field(description="The program; empty if there was none.")


def render_error(problem: Problem) -> web.Response:
    """The body of a problem in this family."""
    return model_response(StalgiaError(error=public(problem.detail)), status=problem.status)


def public(text: str) -> str:
    """A message without the paths of this machine; its clients show it to whoever asks."""
    return _PATH.sub("…", text)
