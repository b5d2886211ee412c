"""Compositions and their versions as columns, and back."""

from __future__ import annotations

import functools
import json
import os
from collections.abc import Sequence
from typing import Any

from pydantic import TypeAdapter

from harmonie_daemon.domain.brief import Brief
from harmonie_daemon.domain.composition import (
    AudioFormat,
    Composition,
    CompositionFile,
    CompositionId,
    CompositionVersion,
    FileKind,
    Origin,
    SectionTake,
    VersionState,
)
from harmonie_daemon.store.keys import clean_text


@functools.cache
def _briefs() -> TypeAdapter[Brief]:
    return TypeAdapter(Brief)


def brief_text(brief: Brief) -> str:
    """As JSON."""
    return _briefs().dump_json(brief).decode()


def composition_columns(composition: Composition) -> tuple[Any, ...]:
    """In the order of ``composition_sql.COMPOSITION``."""
    return (
        composition.id,
        clean_text(composition.title) or "",
        float(composition.created_at),
        brief_text(composition.brief),
        clean_text(composition.prompt) or "",
        composition.origin.value,
        int(composition.version),
        json.dumps(dict(composition.texts)),
    )


def composition_of(row: Sequence[Any]) -> Composition:
    """From the columns of ``composition_sql.COMPOSITION``."""
    id_, title, created_at, brief, prompt, origin, version, texts = row
    return Composition(
        CompositionId(id_),
        title,
        created_at,
        _briefs().validate_json(brief),
        prompt,
        Origin(origin),
        version,
        json.loads(texts),
    )


def takes_text(takes: Sequence[SectionTake]) -> str:
    """As JSON."""
    return json.dumps(
        [[one.section, one.take, one.seed, one.instruments, one.length_ms] for one in takes]
    )


def version_of(row: Sequence[Any], files: Sequence[Sequence[Any]]) -> CompositionVersion:
    """From the columns of ``composition_sql.VERSION``, and of ``FILE`` for each of its files."""
    (
        composition_id,
        number,
        state,
        brief,
        seed,
        format_,
        created_at,
        ended_at,
        error,
        task_id,
        stems_task_id,
        loudness_lufs,
        takes,
        library_path,
    ) = row
    return CompositionVersion(
        CompositionId(composition_id),
        number,
        VersionState(state),
        _briefs().validate_json(brief),
        seed,
        AudioFormat(format_),
        created_at,
        ended_at,
        error,
        task_id,
        stems_task_id,
        loudness_lufs,
        tuple(
            SectionTake(section, take, seed, tuple(instruments), length_ms)
            for section, take, seed, instruments, length_ms in json.loads(takes)
        ),
        tuple(CompositionFile(FileKind(kind), *rest) for kind, *rest in files),
        None if library_path is None else os.fsdecode(library_path),
    )


def file_columns(file: CompositionFile) -> tuple[Any, ...]:
    """In the order of ``composition_sql.FILE``."""
    return (
        file.kind.value,
        file.path,
        file.format,
        file.section,
        file.take,
        file.instrument,
        file.duration_ms,
        int(file.size_bytes),
    )
