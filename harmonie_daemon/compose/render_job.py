"""What is asked of a worker that renders, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass

from harmonie_daemon.domain.brief import Brief, MusicalKey
from harmonie_daemon.domain.composition import AudioFormat, CompositionFile, SectionTake
from harmonie_daemon.domain.track import Tags


@dataclass(frozen=True, slots=True)
class Pieces:
    """Which files are wanted."""

    mix: AudioFormat | None = None
    midi: bool = False
    sections: bool = False
    """Every section as a file of its own, and its preview."""
    stems: bool = False
    """Every instrument alone: the whole piece, each section and its preview."""


@dataclass(frozen=True, slots=True)
class RenderJob:
    """What to make in an empty folder. One of ``brief`` and ``midi_path`` is given."""

    folder: str
    pieces: Pieces
    brief: Brief | None = None
    seed: int = 0
    """Of take 0; another take has as much more."""
    take: int = 0
    midi_path: str = ""
    soundfont: str = ""
    """Filled in by the renderer."""
    tags: Tags | None = None
    """Of the mix; tempo and key are filled in."""


@dataclass(frozen=True, slots=True)
class Rendering:
    """What was made."""

    files: tuple[CompositionFile, ...]
    """Paths are relative to the folder."""
    takes: tuple[SectionTake, ...]
    """Of the sections that were written."""
    duration_ms: int
    loudness_lufs: float
    peak_dbfs: float
    bpm: float
    key: MusicalKey | None
