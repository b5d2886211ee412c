"""The files of pieces: the caller's latest, or the one with an id."""

from __future__ import annotations

from typing import Any, Literal, get_args

from pydantic import BaseModel, Field

from harmonie_daemon.api.stalgia.callers import is_id
from harmonie_daemon.api.stalgia.deps import StalgiaCall
from harmonie_daemon.api.stalgia.errors import StalgiaError, public
from harmonie_daemon.domain.composition import (
    MEDIA_TYPES,
    AudioFormat,
    CompositionFile,
    CompositionId,
    CompositionVersion,
    FileKind,
    Origin,
)
from harmonie_daemon.domain.errors import CompositionNotFoundError
from harmonie_daemon.domain.task import TaskState
from harmonie_daemon.web.answers import Answer, Download
from harmonie_daemon.web.endpoint import Nothing

SoundFormat = Literal["mp3", "wav", "flac", "ogg", "opus"]
FORMATS: tuple[str, ...] = get_args(SoundFormat)


class MidiQuery(BaseModel):
    """Which piece."""

    id: str | None = Field(default=None, description="Ours: of this piece, not of the latest.")


class AudioQuery(MidiQuery):
    """Which piece, and as what."""

    format: SoundFormat = "mp3"


async def download_midi(call: StalgiaCall[Nothing, MidiQuery, Nothing]) -> Download:
    """The MIDI file."""
    version = await _version(call, call.query.id)
    return await _download(call, version.file(FileKind.MIDI), MEDIA_TYPES["mid"])


async def download_audio(
    call: StalgiaCall[Nothing, AudioQuery, Nothing],
) -> Download | Answer[StalgiaError]:
    """The sound, made if it has not been yet."""
    format = AudioFormat(call.query.format)
    version = await _version(call, call.query.id)
    file = version.file(FileKind.MIX, format=format)
    if file is None:
        record = await call.deps.sounding.make(version, format)
        if record.state is not TaskState.SUCCESS:
            reason = public(record.error or "it was given up")
            return Answer(500, StalgiaError(error=f"the sound could not be made: {reason}"))
        version = await _version(call, version.composition_id)
        file = version.file(FileKind.MIX, format=format)
    return await _download(call, file, MEDIA_TYPES[format])


async def _version(call: StalgiaCall[Any, Any, Any], asked: str | None) -> CompositionVersion:
    """Raises ``CompositionNotFoundError`` where there is nothing (any more)."""
    piece = call.deps.callers.latest(call.request) if asked is None else CompositionId(asked)
    if piece is None:
        raise CompositionNotFoundError("nothing has been made yet; ask /generate for a piece first")
    if not is_id(piece):
        raise CompositionNotFoundError("no piece has this id")
    composition = await call.deps.studio.get(piece)
    version = await call.deps.studio.version(piece)
    if composition.origin is not Origin.STALGIA or version is None:
        raise CompositionNotFoundError("no piece has this id")
    return version


async def _download(
    call: StalgiaCall[Any, Any, Any], file: CompositionFile | None, media_type: str
) -> Download:
    if file is None:
        raise CompositionNotFoundError("this piece is not there any more; ask /generate again")
    path = await call.deps.studio.file(file)
    return Download(path, f"output.{file.format}", media_type)
