"""Which audio files the library holds, and what has changed since we last looked."""

from __future__ import annotations

from dataclasses import dataclass

from harmonie_daemon.domain.track import AudioFile, TrackId


@dataclass(frozen=True, slots=True)
class Walk:
    """What one walk saw; paths are absolute."""

    files: tuple[AudioFile, ...]
    """Newest modification first, every file once."""
    missing_roots: tuple[str, ...] = ()
    """Roots that are not there, cannot be read, or went away during the walk."""
    covered: tuple[str, ...] = ()
    """Folders and files about which ``files`` is the whole truth, but for ``uncovered``."""
    uncovered: tuple[str, ...] = ()
    """Folders and files inside ``covered`` that could not be looked into."""
    empty_roots: tuple[str, ...] = ()
    """Roots that are there but hold neither a folder nor an audio file."""


@dataclass(frozen=True, slots=True)
class KnownFile:
    """One file as the store remembers it."""

    id: TrackId
    file: AudioFile
    fingerprint: bytes | None = None
    failure: str | None = None
    """Why the file could not be decoded; ``None`` for an analysed track."""
    descriptor_version: int | None = None
    models: frozenset[str] = frozenset()
    """Embedding models that have answered for this track."""


@dataclass(frozen=True, slots=True)
class Classification:
    """What a walk means for what we know; each file is in exactly one of the four classes."""

    new: tuple[AudioFile, ...] = ()
    changed: tuple[tuple[KnownFile, AudioFile], ...] = ()
    unchanged: tuple[KnownFile, ...] = ()
    missing: tuple[KnownFile, ...] = ()
    rerooted: tuple[tuple[KnownFile, AudioFile], ...] = ()
    """Those of ``unchanged`` that another root owns now: same path, other ``root``."""
