"""Compositions that are kept: what was asked for, and each time it was made, with its files."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NewType

from harmonie_daemon.domain.brief import Brief
from harmonie_daemon.domain.task import TaskId

CompositionId = NewType("CompositionId", str)
"""A version 4 UUID in its usual spelling."""

LARGEST_SEED = 2**63 - 1
SEED_BITS = 53
"""Of a seed that we choose: a client that knows only JavaScript's numbers can give it back."""


class Origin(StrEnum):
    """Who asked for a composition."""

    BEATOVEN = "beatoven"
    STALGIA = "stalgia"
    COMMAND = "command"


class AudioFormat(StrEnum):
    """How sound is written to a file."""

    MP3 = "mp3"
    WAV = "wav"
    FLAC = "flac"
    OGG = "ogg"
    OPUS = "opus"
    AAC = "aac"

    @property
    def ending(self) -> str:
        """What the names of files end with: AAC is kept in MP4."""
        return "m4a" if self is AudioFormat.AAC else self.value


MEDIA_TYPES: Mapping[str, str] = {
    "mp3": "audio/mpeg",
    "wav": "audio/wav",
    "flac": "audio/flac",
    "ogg": "audio/ogg",
    "opus": "audio/ogg",
    "aac": "audio/mp4",
    "mid": "audio/midi",
}
"""Of the files of a composition, by ``CompositionFile.format``."""


class VersionState(StrEnum):
    """How far a version is; the last three are its end."""

    WAITING = "waiting"
    COMPOSING = "composing"
    COMPOSED = "composed"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_final(self) -> bool:
        """Whether nothing more will come of it."""
        return self not in (VersionState.WAITING, VersionState.COMPOSING)


class FileKind(StrEnum):
    """What a file of a composition holds."""

    MIX = "mix"
    """The whole piece, or one section in one take of it."""
    PREVIEW = "preview"
    """A few seconds of a mix, from its loudest bar."""
    STEM = "stem"
    """One instrument, of the whole piece or of one section."""
    STEM_PREVIEW = "stem_preview"
    MIDI = "midi"


@dataclass(frozen=True, slots=True)
class CompositionFile:
    """One file. Without ``section`` it is of the whole piece."""

    kind: FileKind
    path: str
    """Relative to the data folder, with ``/``."""
    format: str
    """The ending of its name: ``mp3``, ``mid``."""
    section: int | None = None
    """Counted from 0."""
    take: int | None = None
    """0 to 3; 0 is the one that the whole piece is made of."""
    instrument: str | None = None
    """``role-instrument``, of a stem: ``bass-synth``."""
    duration_ms: int | None = None
    size_bytes: int = 0


@dataclass(frozen=True, slots=True)
class SectionTake:
    """One way to play one section."""

    section: int
    take: int
    seed: int
    instruments: tuple[str, ...]
    """``role-instrument``, in the order of the stems."""
    length_ms: int


@dataclass(frozen=True, slots=True)
class CompositionVersion:
    """One time that a composition was made."""

    composition_id: CompositionId
    number: int
    """From 1."""
    state: VersionState
    brief: Brief
    seed: int
    format: AudioFormat
    created_at: float
    """Unix time."""
    ended_at: float | None = None
    """When it was made, or last added to, or failed."""
    error: str | None = None
    task_id: TaskId | None = None
    stems_task_id: TaskId | None = None
    """The task that was last asked for its stems."""
    loudness_lufs: float | None = None
    takes: tuple[SectionTake, ...] = ()
    """By section, then take."""
    files: tuple[CompositionFile, ...] = ()
    """By section (the whole piece first), take, kind and instrument."""
    library_path: str | None = None
    """Where it stands in the music library, if it was put there."""

    def file(
        self,
        kind: FileKind,
        *,
        section: int | None = None,
        take: int | None = None,
        instrument: str | None = None,
        format: str | None = None,
    ) -> CompositionFile | None:
        """The file that holds just this; ``format``: as this, if there are several."""
        wanted = (kind, section, take, instrument)
        for file in self.files:
            if (file.kind, file.section, file.take, file.instrument) == wanted and (
                format is None or file.format == format
            ):
                return file
        return None

    @property
    def size_bytes(self) -> int:
        """Of all its files."""
        return sum(file.size_bytes for file in self.files)

    @property
    def has_stems(self) -> bool:
        """Whether its stems have been made."""
        return any(file.kind is FileKind.STEM for file in self.files)


@dataclass(frozen=True, slots=True)
class Composition:
    """What somebody wanted composed; Beatoven's clients call it a track."""

    id: CompositionId
    title: str
    created_at: float
    """Unix time."""
    brief: Brief
    prompt: str
    origin: Origin
    version: int = 0
    """The number of the newest version; 0 before the first was asked for."""
    texts: Mapping[str, str] = field(default_factory=dict)
    """What else belongs to it, by name: the ``brief`` in Markdown and the ``code`` of STALGIA."""


def default_seed(composition_id: CompositionId, version: int) -> int:
    """The seed of a version that nobody chose one for."""
    digest = hashlib.sha256(f"{composition_id}/{version}".encode()).digest()
    return int.from_bytes(digest[:8], "big") >> (64 - SEED_BITS)
