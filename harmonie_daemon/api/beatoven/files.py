"""The files of compositions under addresses that need no key: signed, and good for a day."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import quote

from pydantic import BaseModel, Field

from harmonie_daemon.api.beatoven.deps import BeatovenCall
from harmonie_daemon.api.beatoven.translate import Link
from harmonie_daemon.domain.composition import (
    MEDIA_TYPES,
    AudioFormat,
    CompositionFile,
    CompositionId,
    CompositionVersion,
    FileKind,
)
from harmonie_daemon.domain.errors import CompositionNotFoundError
from harmonie_daemon.web.answers import Download
from harmonie_daemon.web.endpoint import Nothing
from harmonie_daemon.web.validation import WHOLE_TEXT

PREFIX = "/files/compositions"
GOOD_FOR_S = 24 * 60 * 60
AAC_ENDING = "m4a"
"""Of the container that AAC is written into."""


class FilePath(BaseModel):
    """Where a file of a composition is."""

    id: str = Field(description="The id of the track.")
    version: Annotated[int, Field(ge=1, le=2**31), WHOLE_TEXT]
    name: str


def link_of(call: BeatovenCall[Any, Any, Any], version: CompositionVersion) -> Link:
    """How files of ``version`` are reached by whoever asks."""
    deps, request = call.deps, call.request

    def link(file: CompositionFile | None) -> str:
        if file is None:
            return ""
        path = f"{PREFIX}/{version.composition_id}/{version.number}/{quote(_name(file), safe='')}"
        return deps.own_address.of(deps.signer.signed(path, {}, for_s=GOOD_FOR_S), request)

    return link


async def get_file(call: BeatovenCall[FilePath, Nothing, Nothing]) -> Download:
    """One file, whole or in part."""
    asked = call.path
    version = await call.deps.studio.version(CompositionId(asked.id), asked.version)
    files = () if version is None else version.files
    file = next((one for one in files if _name(one) == asked.name), None)
    if version is None or file is None:
        raise CompositionNotFoundError(f"version {asked.version} has no file {asked.name} any more")
    path = await call.deps.studio.file(file)
    return Download(path, _download_name(version, file), MEDIA_TYPES[file.format], is_inline=True)


def _name(file: CompositionFile) -> str:
    """What is behind ``compositions/<id>/<version>/``, as one part of a path."""
    return "-".join(file.path.split("/")[3:])


def _download_name(version: CompositionVersion, file: CompositionFile) -> str:
    """``Happy indie, section 2, take 1.mp3``: what it is called where it is kept."""
    parts = [version.brief.title or "Composition"]
    if file.section is not None:
        parts.append(f"section {file.section + 1}")
    if file.take is not None:
        parts.append(f"take {file.take + 1}")
    if file.instrument is not None:
        parts.append(file.instrument)
    if file.kind in (FileKind.PREVIEW, FileKind.STEM_PREVIEW):
        parts.append("preview")
    ending = AAC_ENDING if file.format == AudioFormat.AAC else file.format
    return f"{', '.join(parts)}.{ending}".replace("/", "-").replace("\\", "-")
