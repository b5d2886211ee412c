"""What an analysis says in its log, in the sentences that clients know."""

from __future__ import annotations

from harmonie_daemon.scanning.albums.request import AlbumProgress, AnalysisProgress, TrackSummary

STARTED = "Main analysis task started."


def albums_found(count: int) -> str:
    """How many albums there are to hear."""
    return f"Found {count} albums to process."


def albums_done(so_far: AnalysisProgress) -> str:
    """How many of them are behind us."""
    return f"Processing albums: {so_far.albums_completed}/{so_far.total_albums} completed."


def album_done(so_far: AlbumProgress) -> str:
    """How an album ended."""
    counts = f"{so_far.tracks_analyzed}/{so_far.total_tracks_in_album}"
    return f"Album '{so_far.album_name}' analysis complete. Analyzed {counts} tracks."


def album_failed(name: str, error: str | None) -> str:
    """Why an album is not done."""
    return f"Album '{name}' was not analyzed: {error or 'it was cancelled'}"


def analysing(track: str, number: int, count: int) -> str:
    """A track's turn has come."""
    return f"Analyzing track: {track} ({number}/{count})"


def analysed(summary: TrackSummary | None, track: str) -> str:
    """What was heard in a track."""
    if summary is None:
        return f"Analyzed '{track}'."
    tempo = "unknown" if summary.tempo is None else f"{summary.tempo:.2f}"
    key = " ".join(filter(None, (summary.key, summary.scale))) or "unknown"
    moods = ", ".join(f"mood/{label}:{value:.2f}" for label, value in summary.moods.items())
    return f"Analyzed '{summary.name}'. Tempo: {tempo}, Key: {key}. Moods: {moods or 'none'}"


def skipped(track: str) -> str:
    """A track that needs nothing."""
    return f"Skipping '{track}' (already analyzed)"


def not_analysed(track: str, reason: str) -> str:
    """Why nothing is known of a track."""
    return f"Could not analyze '{track}': {reason}"


def resting(because: str) -> str:
    """Why no track is begun."""
    return f"Waiting: {because}."
