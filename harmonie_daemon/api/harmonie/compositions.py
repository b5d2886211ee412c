"""Compositions: asked for in words, listed, fetched and given up."""

from __future__ import annotations

from typing import Any

from harmonie_daemon.api.harmonie.composition_schemas import (
    CompositionEntryRecord,
    CompositionFileEntry,
    CompositionList,
    CompositionPath,
    CompositionRecord,
    CompositionRequest,
    CompositionsQuery,
    CompositionVersionQuery,
    VersionRecord,
)
from harmonie_daemon.api.harmonie.deps import HarmonieCall
from harmonie_daemon.compose.formats import require_encoder
from harmonie_daemon.compose.prompt import parse_prompt
from harmonie_daemon.domain.composition import (
    MEDIA_TYPES,
    AudioFormat,
    Composition,
    CompositionFile,
    CompositionId,
    CompositionVersion,
    FileKind,
    Origin,
)
from harmonie_daemon.domain.errors import CompositionNotFoundError, HarmonieError
from harmonie_daemon.domain.task import TaskRecord
from harmonie_daemon.domain.track import display_path
from harmonie_daemon.store.compositions import CompositionEntry
from harmonie_daemon.tasks.composing.studio import Studio
from harmonie_daemon.web.answers import Download
from harmonie_daemon.web.aside import aside
from harmonie_daemon.web.endpoint import Nothing


async def compose(call: HarmonieCall[Nothing, Nothing, CompositionRequest]) -> CompositionRecord:
    """Begin to compose what the words ask for; answers at once."""
    asked, studio = call.body, call.deps.studio
    format_ = AudioFormat(asked.format)
    require_encoder(format_)
    brief = await aside(call.request.app, lambda: parse_prompt(asked.prompt))
    made = await studio.create(
        brief,
        title=brief.title if asked.title is None else asked.title,
        origin=Origin.COMMAND,
        prompt=asked.prompt,
    )
    try:
        await studio.start(made.id, seed=asked.seed, format=format_, takes=1)
    except HarmonieError:
        await studio.delete(made.id)
        raise
    return await _record(studio, made.id, 1)


async def list_compositions(
    call: HarmonieCall[Nothing, CompositionsQuery, Nothing],
) -> CompositionList:
    """One page of them."""
    query = call.query
    origin = None if query.origin is None else Origin(query.origin)
    page = await call.deps.studio.page(origin=origin, limit=query.limit, offset=query.offset)
    return CompositionList(
        items=[_entry(one) for one in page.items],
        total=page.total,
        limit=query.limit,
        offset=query.offset,
    )


async def get_composition(
    call: HarmonieCall[CompositionPath, CompositionVersionQuery, Nothing],
) -> CompositionRecord:
    """A composition, and how it is coming along."""
    return await _record(call.deps.studio, _id(call.path), call.query.version)


async def delete_composition(call: HarmonieCall[CompositionPath, Nothing, Nothing]) -> None:
    """Give it up with all its files."""
    await call.deps.studio.delete(_id(call.path))


async def get_audio(
    call: HarmonieCall[CompositionPath, CompositionVersionQuery, Nothing],
) -> Download:
    """The whole piece as it sounds."""
    return await _download(call.deps.studio, call.path, call.query, FileKind.MIX)


async def get_midi(
    call: HarmonieCall[CompositionPath, CompositionVersionQuery, Nothing],
) -> Download:
    """The whole piece as notes."""
    return await _download(call.deps.studio, call.path, call.query, FileKind.MIDI)


def _id(path: CompositionPath) -> CompositionId:
    return CompositionId(str(path.id))


async def _download(
    studio: Studio, path: CompositionPath, query: CompositionVersionQuery, kind: FileKind
) -> Download:
    known = await studio.get(_id(path))
    version = await studio.version(known.id, query.version)
    file = None if version is None else version.file(kind)
    if file is None:
        raise CompositionNotFoundError(f"the composition {known.id} has no {kind} yet")
    ending = "mid" if file.kind is FileKind.MIDI else AudioFormat(file.format).ending
    return Download(
        await studio.file(file),
        f"{known.title or known.id}.{ending}",
        MEDIA_TYPES[file.format],
    )


async def _record(
    studio: Studio, composition_id: CompositionId, number: int | None
) -> CompositionRecord:
    known = await studio.get(composition_id)
    version = await studio.version(composition_id, number)
    task = None
    if version is not None and version.task_id is not None and not version.state.is_final:
        found = await studio.task(version.task_id)
        task = None if found is None else found[0]
    return CompositionRecord(
        **_about(known), made=None if version is None else _version(version, task)
    )


def _about(composition: Composition) -> dict[str, Any]:
    return {
        "id": composition.id,
        "title": composition.title,
        "origin": composition.origin.value,
        "prompt": composition.prompt,
        "genre": composition.brief.genre.value,
        "duration_sec": composition.brief.duration_ms / 1000,
        "created_at": composition.created_at,
    }


def _entry(entry: CompositionEntry) -> CompositionEntryRecord:
    return CompositionEntryRecord(
        **_about(entry.composition),
        version=entry.composition.version,
        state=None if entry.state is None else entry.state.value,
        size_bytes=entry.size_bytes,
    )


def _version(version: CompositionVersion, task: TaskRecord | None) -> VersionRecord:
    return VersionRecord(
        version=version.number,
        state=version.state.value,
        progress=1.0 if version.files else 0.0 if task is None else task.progress,
        stage=None if task is None else task.details.get("stage"),
        error=version.error,
        seed=version.seed,
        format=version.format.value,
        created_at=version.created_at,
        ended_at=version.ended_at,
        loudness_lufs=version.loudness_lufs,
        library_path=None if version.library_path is None else display_path(version.library_path),
        files=[_file(file) for file in version.files],
    )


def _file(file: CompositionFile) -> CompositionFileEntry:
    return CompositionFileEntry(
        kind=file.kind.value,
        format=file.format,
        section=file.section,
        take=file.take,
        instrument=file.instrument,
        duration_sec=None if file.duration_ms is None else file.duration_ms / 1000,
        size_bytes=file.size_bytes,
    )
