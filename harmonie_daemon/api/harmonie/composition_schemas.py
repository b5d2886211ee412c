"""What travels over the wire about compositions."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from harmonie_daemon.api.harmonie.schemas import DEFAULT_PAGE, Limit, Offset
from harmonie_daemon.domain.composition import LARGEST_SEED
from harmonie_daemon.web.validation import WHOLE_JSON, WHOLE_TEXT

OriginName = Literal["beatoven", "stalgia", "command"]
FormatName = Literal["mp3", "wav", "flac", "ogg", "opus", "aac"]
StateName = Literal["waiting", "composing", "composed", "failed", "cancelled"]


class CompositionPath(BaseModel):
    """Which composition."""

    id: UUID


class CompositionsQuery(BaseModel):
    """Paging, and whose."""

    limit: Limit = DEFAULT_PAGE
    offset: Offset = 0
    origin: OriginName | None = Field(default=None, description="Who asked for them.")


class CompositionVersionQuery(BaseModel):
    """Which version."""

    version: Annotated[int, Field(ge=1, le=2**31), WHOLE_TEXT] | None = Field(
        default=None,
        description="Left out: the newest that is composed, or else the newest.",
    )


class CompositionRequest(BaseModel):
    """Music in words."""

    model_config = ConfigDict(strict=True)

    prompt: str = Field(
        min_length=1,
        max_length=10_000,
        examples=["one minute of calm indian music with a tabla"],
    )
    title: str | None = Field(default=None, max_length=200)
    seed: Annotated[int, Field(ge=0, le=LARGEST_SEED), WHOLE_JSON] | None = Field(
        default=None,
        description="The same prompt with the same seed is the same piece, to the byte.",
    )
    format: FormatName = "mp3"


class CompositionFileEntry(BaseModel):
    """One file of a version."""

    kind: Literal["mix", "preview", "stem", "stem_preview", "midi"]
    format: str
    section: int | None = Field(description="Counted from 0; null: of the whole piece.")
    take: int | None
    instrument: str | None
    duration_sec: float | None
    size_bytes: int


class VersionRecord(BaseModel):
    """One time that a composition was made."""

    version: int
    state: StateName
    progress: float = Field(description="0 to 1.")
    stage: str | None = Field(description="What is being done at the moment.")
    error: str | None
    seed: int
    format: FormatName
    created_at: float
    ended_at: float | None
    loudness_lufs: float | None
    library_path: str | None = Field(
        description="Where it stands in the music library, if it does."
    )
    files: list[CompositionFileEntry]


class CompositionEntryRecord(BaseModel):
    """A composition as it stands in a list."""

    id: UUID
    title: str
    origin: OriginName
    prompt: str
    genre: str
    duration_sec: float
    created_at: float
    version: int = Field(description="The number of the newest version; 0 before there is any.")
    state: StateName | None = Field(description="Of the newest version.")
    size_bytes: int = Field(description="Of all files and texts of all versions.")


class CompositionList(BaseModel):
    """The newest first."""

    items: list[CompositionEntryRecord]
    total: int
    limit: int
    offset: int


class CompositionRecord(BaseModel):
    """A composition, and what there is of it."""

    id: UUID
    title: str
    origin: OriginName
    prompt: str
    genre: str
    duration_sec: float
    created_at: float
    made: VersionRecord | None = Field(
        description="The version that was asked about; null before there is any."
    )
