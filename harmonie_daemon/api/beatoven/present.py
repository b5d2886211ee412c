"""The dialect of the present public API: from a prompt to a track and its stems."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pydantic import BaseModel, Field

from harmonie_daemon.api.beatoven.deps import BeatovenCall, BeatovenDeps
from harmonie_daemon.api.beatoven.files import link_of
from harmonie_daemon.api.beatoven.present_schemas import (
    PresentComposition,
    PresentMeta,
    PresentPrompt,
    PresentPromptEcho,
    PresentSound,
    PresentStarted,
    PresentStatus,
    PresentTrackRequest,
    PresentTracks,
)
from harmonie_daemon.api.beatoven.status import CANCELLED
from harmonie_daemon.api.beatoven.titles import title_of
from harmonie_daemon.api.beatoven.tracks import BeatovenTrackPath
from harmonie_daemon.api.beatoven.translate import Link, whole_stems
from harmonie_daemon.compose.prompt import parse_prompt
from harmonie_daemon.domain.composition import (
    AudioFormat,
    Composition,
    CompositionId,
    CompositionVersion,
    FileKind,
    Origin,
)
from harmonie_daemon.domain.errors import BadRequestError, HarmonieError, NotFoundError
from harmonie_daemon.domain.task import TaskState
from harmonie_daemon.tasks.composing.studio import Studio
from harmonie_daemon.web.aside import aside
from harmonie_daemon.web.endpoint import Nothing


class PresentTaskPath(BaseModel):
    """Which task."""

    task_id: str = Field(description="As composing answered it.")


async def create_from_prompt(
    call: BeatovenCall[Nothing, Nothing, PresentTrackRequest],
) -> PresentTracks:
    """A track of which nothing is composed yet."""
    made = await _created(call, call.body.prompt)
    return PresentTracks(tracks=[made.id])


async def compose_prompt(
    call: BeatovenCall[Nothing, Nothing, PresentComposition],
) -> PresentStarted:
    """A new track, and its first version begun."""
    _check_format(call.body, call.deps)
    studio = call.deps.studio
    made = await _created(call, call.body.prompt)
    try:
        return await _started(studio, made, call.body)
    except HarmonieError:
        await studio.delete(made.id)
        raise


async def compose_known(
    call: BeatovenCall[BeatovenTrackPath, Nothing, PresentSound],
) -> PresentStarted:
    """The next version of a track, begun."""
    _check_format(call.body, call.deps)
    known = await call.deps.studio.get(CompositionId(call.path.id))
    return await _started(call.deps.studio, known, call.body)


async def get_present_status(
    call: BeatovenCall[PresentTaskPath, Nothing, Nothing],
) -> PresentStatus:
    """``composing`` until track and stems are there, never ``running``: clients take that for the
    end.
    """
    studio = call.deps.studio
    track, _, number = call.path.task_id.rpartition("_")
    if not (track and number.isascii() and number.isdigit() and len(number) < 10):
        raise NotFoundError("no task has this id; it reads <track>_<version>")
    version = await studio.version(CompositionId(track), int(number))
    if version is None or version.task_id is None:
        raise NotFoundError(f"the track {track} has no version {number}")
    found = await studio.task(version.task_id)
    if found is None:
        raise NotFoundError(f"the track {track} has no version {number} any more")
    record, version = found
    match record.state:
        case TaskState.SUCCESS:
            known = await studio.get(version.composition_id)
            meta = _meta(known, version, link_of(call, version))
            return PresentStatus(status="composed", meta=meta)
        case TaskState.FAILURE | TaskState.REVOKED:
            return PresentStatus(status="failed", error=record.error or CANCELLED)
        case _:
            return PresentStatus(status="composing")


def _meta(track: Composition, version: CompositionVersion, link: Link) -> PresentMeta:
    return PresentMeta(
        project_id=track.id,
        track_id=track.id,
        prompt=PresentPromptEcho(text=track.prompt),
        version=version.number,
        track_url=link(version.file(FileKind.MIX)),
        stems_url=whole_stems(version, link),
    )


async def _created(call: BeatovenCall[Any, Any, Any], prompt: PresentPrompt) -> Composition:
    brief = await aside(call.request.app, lambda: parse_prompt(prompt.text))
    return await call.deps.studio.create(
        brief, title=brief.title or title_of(brief), origin=Origin.BEATOVEN, prompt=prompt.text
    )


async def _started(studio: Studio, track: Composition, sound: PresentSound) -> PresentStarted:
    looping = track.brief.looping if sound.looping is None else sound.looping
    started = await studio.start(
        track.id,
        brief=replace(track.brief, looping=looping),
        format=AudioFormat(sound.format),
        with_stems=True,
        takes=1,
    )
    return PresentStarted(task_id=f"{track.id}_{started.version}")


def _check_format(sound: PresentSound, deps: BeatovenDeps) -> None:
    """Before anything is kept."""
    if AudioFormat(sound.format) is AudioFormat.AAC and not deps.can_write_aac():
        raise BadRequestError("format: the FFmpeg here has no encoder for aac; take mp3 or wav")
