"""All of it together."""

from __future__ import annotations

from harmonie_daemon.store.tracks.files import TrackFiles
from harmonie_daemon.store.tracks.finding import TrackFinding
from harmonie_daemon.store.tracks.moods import MoodScores
from harmonie_daemon.store.tracks.saving import TrackSaving
from harmonie_daemon.store.tracks.styles import TrackStyles
from harmonie_daemon.store.tracks.words import TrackWords


class Tracks(TrackFiles, TrackSaving, TrackFinding, TrackStyles, TrackWords, MoodScores):
    """Everything that is remembered of tracks."""
