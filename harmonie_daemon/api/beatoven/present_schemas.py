"""Requests and answers of the present public API: a prompt in, a track and its stems out."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from harmonie_daemon.api.beatoven.bodies import PromptText
from harmonie_daemon.domain.brief import Stem

Format = Literal["wav", "mp3", "aac"]
FORMAT = "Of the track; its stems are MP3."
LOOPING = "Whether the end is to lead back into the beginning."


class PresentPrompt(BaseModel):
    """What to compose."""

    model_config = ConfigDict(strict=True)

    text: PromptText = Field(description="In English, as in: 30 seconds peaceful lo-fi chill hop.")


class PresentTrackRequest(BaseModel):
    """A track to be composed later."""

    model_config = ConfigDict(strict=True)

    prompt: PresentPrompt

    @model_validator(mode="before")
    @classmethod
    def _is_of_this_dialect(cls, body: Any) -> Any:
        if isinstance(body, dict) and not isinstance(body.get("prompt"), dict):
            raise ValueError(  # noqa: TRY004 - pydantic takes no other
                'send {"prompt": {"text": "…"}} here; genre, tempo and sections are for '
                "/api/v2/tracks"
            )
        return body


class PresentSound(BaseModel):
    """How a track that is known is to sound."""

    model_config = ConfigDict(strict=True)

    format: Format = Field(default="wav", description=FORMAT)
    looping: bool | None = Field(default=None, description=LOOPING)


class PresentComposition(PresentTrackRequest, PresentSound):
    """A track to be composed now."""


class PresentTracks(BaseModel):
    """Tracks that can be composed from now on."""

    status: Literal["created"] = "created"
    tracks: list[str]


class PresentStarted(BaseModel):
    """What to ask the status of."""

    status: Literal["started"] = "started"
    task_id: str = Field(description="The track, an underscore, its version.")


class PresentPromptEcho(BaseModel):
    """What was asked for."""

    text: str


class PresentMeta(BaseModel):
    """A track that is done."""

    project_id: str
    track_id: str
    prompt: PresentPromptEcho
    version: int
    track_url: str
    stems_url: dict[Stem, str]


class PresentStatus(BaseModel):
    """How a task stands."""

    status: Literal["composing", "composed", "failed"]
    meta: PresentMeta | None = Field(
        default=None,
        exclude_if=lambda value: value is None,
        description="When it is composed, not before.",
    )
    error: str | None = Field(
        default=None, exclude_if=lambda value: value is None, description="Why it failed."
    )
