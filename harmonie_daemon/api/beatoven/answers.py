"""What is answered, member for member as the document has it; what is ours comes last."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

from harmonie_daemon.domain.brief import Stem

SEED = "Ours: what the music was made from; the same request with it gives the same music."


class TrackSection(BaseModel):
    """A stretch of time with one emotion."""

    emotion: str
    length: int
    start: int


class TrackParameters(BaseModel):
    """What a track is to be."""

    created_at: str = Field(description="As in HTTP: Tue, 04 Apr 2023 09:49:33 GMT.")
    duration_ms: int
    genre: str
    sections: list[TrackSection]
    tempo: str
    title: str
    version: int = Field(description="How often it was composed.")


class TrackCreated(BaseModel):
    """A track that can be composed from now on."""

    status: Literal["Created successfully"] = "Created successfully"
    uuid: str = Field(description="The id of the track.")
    track: TrackParameters


class CompositionStarted(BaseModel):
    """What to ask the status of."""

    task_id: str
    version: int = Field(description="Ours: which version of the track it makes.")
    seed: int = Field(description=SEED)


class StemsStarted(BaseModel):
    """What to ask the status of."""

    task_id: str
    version: int = Field(description="Ours: the stems of which version it makes.")


class SectionOption(BaseModel):
    """One take of one section."""

    instruments: list[str] = Field(description="`role-instrument`, four of them.")
    object_name: str = Field(description="The name of the file.")
    preview_url: str
    section_duration: int = Field(description="Milliseconds.")
    track_url: str
    seed: int = Field(description=SEED)


class StemAddresses(BaseModel):
    """One instrument of one section."""

    preview_url: str
    track_url: str


SectionStems = dict[Stem, StemAddresses]
"""By instrument: percussion, chords, bass, melody."""


class ComposedMeta(BaseModel):
    """A composition that is done."""

    download_url: str = Field(description="The whole track.")
    section_options: list[list[SectionOption]] = Field(
        description="Section by section its takes; the first is the one that the track is made of."
    )
    midi_url: str = Field(description="Ours: the whole track as MIDI.")
    seed: int = Field(description=SEED)
    track_id: str = Field(description="Ours.")
    version: int = Field(description="Ours.")


class ProgressMeta(BaseModel):
    """How far it is."""

    message: str
    percentage: int = Field(ge=0, le=100)
    generationProgress: int = Field(ge=0, le=100, description="The same.")  # noqa: N815


class CompositionStatus(BaseModel):
    """How a task stands. Whatever comes of it is in `meta`."""

    meta: ProgressMeta | ComposedMeta | list[list[SectionStems]] = Field(
        description="How far it is; of a composition that is done its addresses; of stems that "
        "are done, section by section, a list of one object with every instrument."
    )
    state: Literal["PENDING", "PROGRESS", "SUCCESS", "FAILURE"]
    generationProgress: int | None = Field(  # noqa: N815 - the document's name
        default=None, exclude_if=lambda value: value is None, description="While in PROGRESS."
    )
    error: str | None = Field(
        default=None, exclude_if=lambda value: value is None, description="Why it failed."
    )


class ComposedTrack(BaseModel):
    """What there is of a track: nothing before it is composed, no stems before they are made."""

    download_url: str | None = Field(default=None, description="The whole track.")
    section_options: list[list[SectionOption]] = []
    instrument_urls: list[list[SectionStems]] = []
    midi_url: str | None = Field(default=None, description="Ours.")
    seed: int | None = Field(default=None, description=SEED)
    uuid: str = Field(description="Ours.")
    track: TrackParameters = Field(description="Ours.")
