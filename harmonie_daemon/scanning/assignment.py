"""What is to be done about one file, and how that ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from harmonie_daemon.domain.track import AudioFile, TrackId


@dataclass(frozen=True, slots=True)
class Assignment:
    """A file to hear: all of it anew, or of an unchanged track only what is out of date."""

    file: AudioFile
    track_id: TrackId | None = None
    """The track of which only a part is redone; ``None``: everything is."""
    models: tuple[str, ...] = ()
    """Models to redo; empty: the descriptors are what is redone."""
    tags: bool = False
    """Of an unchanged track, only the tags are read anew; nothing is heard."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How the work on one file ended.

    ``full``, ``descriptors``, ``embeddings`` and ``tags`` say what was done. ``vanished`` files are
    gone; ``growing`` ones are still being written and wait for later; ``unreadable`` ones cannot be
    opened, or the machine could not hear them (``faults``), which is tried again at every scan,
    because the end of such trouble leaves no trace in size and time; ``set_aside``: the model is
    out of order, the track stays as it is.
    """

    kind: Literal[
        "full",
        "descriptors",
        "embeddings",
        "tags",
        "failed",
        "vanished",
        "growing",
        "unreadable",
        "set_aside",
    ]
    reason: str = ""
    owes_model: bool = False
    """A model that was wanted has not been asked, through no fault of the file."""
