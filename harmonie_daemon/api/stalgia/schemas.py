"""What the clients of STALGIA send, and what they are answered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from harmonie_daemon.compose.musicpy_code.limits import LONGEST_SOURCE_BYTES
from harmonie_daemon.compose.words.wish import Want, Wish, cleaned
from harmonie_daemon.domain.errors import BadRequestError

Text = Annotated[str, Field(max_length=500)]
Prompt = Annotated[str, Field(max_length=10_000, description="What the music is to be.")]
Program = Annotated[str, Field(max_length=LONGEST_SOURCE_BYTES)]
BriefText = Annotated[str, Field(max_length=20_000)]
Request = Annotated[str, Field(max_length=2_000)]
STRICT = ConfigDict(strict=True)


class MusicConfig(BaseModel):
    """Choices beside the prompt: any text; blank ones count as not made."""

    model_config = STRICT

    genre: Text | None = None
    mood: Text | None = None
    tempo: Text | None = Field(default=None, examples=["120 BPM"])
    key: Text | None = Field(default=None, examples=["C minor"])
    structure: Text | None = None
    instruments: Text | None = None
    notes: Annotated[str, Field(max_length=4_000)] | None = None

    def wants(self) -> Mapping[Want, str]:
        """Those that were made."""
        given = {want: cleaned(getattr(self, want.value) or "") for want in Want}
        return {want: text for want, text in given.items() if text}


class GenerateBody(BaseModel):
    """A wish."""

    model_config = STRICT

    prompt: Prompt
    config: MusicConfig | None = None
    variation_request: Request | None = Field(
        default=None, description="How this piece is to differ from an earlier one."
    )

    def wish(self) -> Wish:
        """The wish. Raises ``BadRequestError`` without a prompt."""
        return _wish(self.prompt, self.config, self.variation_request or "")


class RenderBody(BaseModel):
    """A program in our dialect of musicpy."""

    model_config = STRICT

    code: Program
    brief: BriefText | None = None


class ReviseBody(BaseModel):
    """A piece that is there, and what is to become of it."""

    model_config = STRICT

    prompt: Prompt
    config: MusicConfig | None = None
    brief: BriefText | None = None
    code: Program | None = None
    request: Request = ""
    mode: Literal["change", "regenerate"] = "change"

    def wish(self) -> Wish:
        """The wish behind the piece. Raises ``BadRequestError`` without a prompt."""
        return _wish(self.prompt, self.config, "")


class Generated(BaseModel):
    """A piece: what it is meant to be, the program that plays it, and where its MIDI is."""

    brief: str = Field(description="Markdown.")
    code: str
    midi_url: Literal["/download/midi"] = "/download/midi"
    id: str = Field(description="Ours: `/download/midi?id=` and `/download/audio?id=` mean this.")


def _wish(prompt: str, config: MusicConfig | None, variation: str) -> Wish:
    text = cleaned(prompt)
    if not text:
        raise BadRequestError(
            "there is no prompt; say in a sentence or two what the music is to be"
        )
    return Wish(text, {} if config is None else config.wants(), cleaned(variation))
