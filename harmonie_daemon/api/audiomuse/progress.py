"""From a task's record to the words that clients of this family know; pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from harmonie_daemon.domain.task import LogLine, TaskRecord, TaskState
from harmonie_daemon.scanning.albums.analysis import ALBUM_ANALYSIS, MAIN_ANALYSIS
from harmonie_daemon.store.keys import clean_text
from harmonie_daemon.tasks.clustering import CLUSTERING_BATCH, MAIN_CLUSTERING

MAINS = (MAIN_ANALYSIS, MAIN_CLUSTERING)
PARTS = (ALBUM_ANALYSIS, CLUSTERING_BATCH)
SHOWN_LINES = 10
QUEUED = "Task enqueued."
REVOKED = "Task revoked."
_BEGUN: Mapping[str, str] = {
    MAIN_ANALYSIS: "Main analysis task started.",
    MAIN_CLUSTERING: "Main clustering task started.",
    ALBUM_ANALYSIS: "Album analysis started.",
    CLUSTERING_BATCH: "Clustering batch started.",
}


def percent(record: TaskRecord) -> int:
    """How far it is; whatever has ended has nothing left to do."""
    return 100 if record.state.is_final else int(round(100 * record.progress, 6))


def message(record: TaskRecord) -> str:
    """How it stands, in one sentence."""
    match record.state:
        case TaskState.QUEUED:
            return QUEUED
        case TaskState.FAILURE:
            return f"Task failed: {_reason(record)}"
        case TaskState.REVOKED:
            return REVOKED
        case TaskState.STARTED:
            return _BEGUN[record.kind]
        case _:
            return _WORDS[record.kind](record, record.state is TaskState.SUCCESS)


def details(record: TaskRecord) -> dict[str, Any]:
    """What the record holds beside its state, with its log."""
    said = message(record)
    told = record.details
    given = {name: _shown(name, value) for name, value in told.items() if value is not None}
    if (draw := given.pop("best_draw", None)) is not None:
        given["best_params"] = _best_params(draw, record.arguments)
    given |= {"message": said, "status_message": said}
    if record.state is TaskState.FAILURE:
        given |= {"error": _reason(record), "error_message": _reason(record)}
    return given | _log(record, said)


def timestamp(unix_time: float) -> str:
    """Local time with microseconds, as in ``2023-10-27T10:05:30.123456``."""
    return datetime.fromtimestamp(unix_time).isoformat(timespec="microseconds")


def _reason(record: TaskRecord) -> str:
    """Why it failed; another program's words may be no text that can be sent."""
    return clean_text(record.error) or "no reason is known"


def _log(record: TaskRecord, said: str) -> dict[str, Any]:
    """The last lines; of a main that ended well, how it ended and no more."""
    total = len(record.log)
    if record.state is TaskState.SUCCESS and record.kind in MAINS:
        lines = [f"Task completed successfully. Final status: {said}"]
    else:
        lines = [_line(one) for one in record.log[-SHOWN_LINES:]]
    cut = {
        "log_storage_info": f"Log in DB truncated to last {SHOWN_LINES} entries. "
        f"Original length: {total}."
    }
    return {"log": lines, "log_total": total} | (cut if total > SHOWN_LINES else {})


def _line(line: LogLine) -> str:
    said = clean_text(line.text) or ""
    return f"[{datetime.fromtimestamp(line.at):%Y-%m-%d %H:%M:%S}] {said}"


def _shown(name: str, value: Any) -> Any:
    if name == "best_score":
        return round(value, 2)
    if name == "current_track_analysis":
        moods = {f"mood/{label}": score for label, score in value["moods"].items()}
        return {**value, "moods": moods}
    return value


def _best_params(draw: Mapping[str, Any], asked: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters that were best. ``components`` 0 means that none were left out."""
    return {
        "clustering_method_config": {"method": draw["method"], "params": draw["params"]},
        "pca_config": {"enabled": draw["components"] > 0, "components": draw["components"]},
        "max_songs_per_cluster": asked["max_songs_per_cluster"],
        "run_id": draw["run_id"],
    }


def _analysis(record: TaskRecord, ended: bool) -> str:
    said = record.details
    total = said.get("total_albums")
    if total is None:
        return "Fetching recent albums."
    if ended and not total:
        return "No new albums to analyze."
    if ended:
        return (
            f"Main analysis complete. Successful albums: {said['successful_albums']}, "
            f"Failed albums: {said['failed_albums']}. "
            f"Total tracks analyzed: {said['total_tracks_analyzed']}."
        )
    if said.get("resting"):
        return f"Waiting: {said['resting']}."
    return f"Processing albums: {said['albums_completed']}/{total} completed."


def _album(record: TaskRecord, ended: bool) -> str:
    said = record.details
    name, total = said["album_name"], said["total_tracks_in_album"]
    if ended:
        return (
            f"Album '{name}' analysis complete. Analyzed {said['tracks_analyzed']}/{total} tracks."
        )
    if said.get("resting"):
        return f"Waiting: {said['resting']}."
    if said.get("current_track") is None:
        return f"Fetching tracks for album: {name}"
    number = min(total, said["tracks_done"] + 1)
    return f"Analyzing track: {said['current_track']} ({number}/{total})"


def _clustering(record: TaskRecord, ended: bool) -> str:
    said = record.details
    if ended:
        return f"{_pushed(said)} Best diversity score: {said['best_score']:.2f}."
    match said.get("step"):
        case "saving":
            return "Saving playlists."
        case "pushing":
            return "Updating playlists on the media servers."
        case "searching" if said["batch_jobs_launched"]:
            score = said.get("best_score")
            best = "" if score is None else f" Best Score: {score:.2f}"
            return (
                f"Batch Jobs Launched: {said['batch_jobs_launched']}/{said['total_batch_jobs']}. "
                f"Active Batch Jobs: {said['active_runs_count']}. "
                f"Iterations Completed: {said['runs_completed']}/{said['total_runs']}.{best}"
            )
        case _:
            return "Fetching tracks."


def _pushed(said: Mapping[str, Any]) -> str:
    """Where the playlists are; what did not work is said, and is tried again by the schedule."""
    match said["targets"].get("jellyfin"):
        case None:
            return "Playlists generated!"
        case "ok":
            return "Playlists generated and updated on Jellyfin!"
        case word:
            return f"Playlists generated! Updating them on Jellyfin {word}."


def _batch(record: TaskRecord, ended: bool) -> str:
    runs = record.details.get("runs", 0)
    return f"{runs} iterations completed." if ended else f"Trying {runs} iterations."


_WORDS: Mapping[str, Callable[[TaskRecord, bool], str]] = {
    MAIN_ANALYSIS: _analysis,
    ALBUM_ANALYSIS: _album,
    MAIN_CLUSTERING: _clustering,
    CLUSTERING_BATCH: _batch,
}
