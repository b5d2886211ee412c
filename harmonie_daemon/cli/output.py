"""What the commands print: tables for people, JSON for programs."""

from __future__ import annotations

import json
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from harmonie_daemon.app import VERSION
from harmonie_daemon.cli.scan_words import Json, scan_words, unreadable
from harmonie_daemon.cli.server_words import server_lines
from harmonie_daemon.config import Settings
from harmonie_daemon.domain.track import display_path
from harmonie_daemon.scanning.report import duration_words


def as_json(value: object) -> None:
    """Print one JSON document."""
    print(json.dumps(value, ensure_ascii=False, indent=2))


def status(report: Json, json_wanted: bool) -> None:
    """Counters of the library, and what goes on."""
    if json_wanted:
        as_json(report)
        return
    scan = report["scan"]
    models = ", ".join(f"{name} ({count})" for name, count in report["by_model"].items()) or "none"
    rows = {
        "daemon": "running" if report["running"] else "not running",
        "version": report["version"],
        "libraries": ", ".join(report["libraries"]) or "none configured",
        "tracks": str(report["tracks"]),
        "play time": duration_words(report["total_duration_sec"]),
        "tempo": _tempo_words(report["tracks"], report["doubtful_tempos"]),
        "models": models,
        "answering": report["active_model"],
        "database": f"{report['db_path']} ({report['db_size_bytes'] / 1e6:.1f} MB)",
        "scan": scan_words(scan),
    }
    width = max(len(name) for name in rows)
    for name, value in rows.items():
        print(f"{name:<{width}}  {value}")
    for line in unreadable(scan):
        print(f"{'unread':<{width}}  {line}")
    for line in server_lines(report["media_servers"]):
        print(f"{'server':<{width}}  {line}")
    for note in (*report["model_notes"], *report["jellyfin_notes"]):
        print(f"{'note':<{width}}  {note}")
    for path, reason in scan["recent_failures"]:
        print(f"{'failed':<{width}}  {path}: {reason}")


def _tempo_words(tracks: int, doubtful: int) -> str:
    if not doubtful:
        return "counts for every track that has one"
    return f"of {doubtful} of {tracks} tracks too doubtful to count (confidence below 0.3)"


def nothing_yet(settings: Settings, json_wanted: bool) -> None:
    """The status where nothing has been scanned and nobody runs."""
    libraries = [display_path(str(root)) for root in settings.roots]
    database = display_path(str(settings.database))
    if json_wanted:
        as_json(
            {
                "running": False,
                "version": VERSION,
                "libraries": libraries,
                "tracks": 0,
                "db_path": database,
                "db_size_bytes": 0,
            }
        )
        return
    print("daemon     not running")
    print(f"version    {VERSION}")
    print(f"libraries  {', '.join(libraries) or 'none configured'}")
    print(f"database   none yet; harmonie serve or harmonie scan makes {database}")


def matches(track: Json, found: Json, json_wanted: bool) -> None:
    """The neighbours of a track."""
    if json_wanted:
        as_json(found)
        return
    if not found["matches"]:
        return
    print(f"like {label(track)} (id {track['id']})")
    _print_tracks(found["matches"])


def found(page: Json, json_wanted: bool) -> None:
    """What a search found, and how much more there is."""
    if json_wanted:
        as_json(page)
    elif page["items"]:
        _print_tracks(page["items"])
        more = page["total"] - len(page["items"])
        if more > 0:
            print(f"and {more} more; --limit shows them")


def playlist(built: Json, json_wanted: bool) -> None:
    """A playlist, in order."""
    if json_wanted:
        as_json(built)
    elif built["items"]:
        _print_tracks(built["items"])


def push(report: Json, json_wanted: bool) -> None:
    """What a refresh did, target by target."""
    if json_wanted:
        as_json(report)
        return
    for saved in report["playlists"]:
        print(f"{saved['name']}: {saved['tracks']} tracks")
    for name, reason in report["problems"].items():
        print(f"recipe {name!r} was not made: {reason}")
    for target in report["targets"]:
        print(f"{target['target']}: {target['summary']}")
        for problem in target["problems"]:
            print(f"  {problem}")


def push_plan(plan: Json, json_wanted: bool) -> None:
    """What a refresh would do, target by target and playlist by playlist."""
    if json_wanted:
        as_json(plan)
        return
    for name, reason in plan["problems"].items():
        print(f"recipe {name!r} cannot be made: {reason}")
    for target in plan["targets"]:
        print(f"{target['target']}: {target['summary']}")
        for one in target["playlists"]:
            print(f"  {one['change']:<9}  {_planned_words(one)}")
        for problem in target["problems"]:
            print(f"  problem    {problem}")


def _planned_words(one: Json) -> str:
    words = []
    if one["added"] or one["removed"]:
        words.append(f"+{one['added']} \N{MINUS SIGN}{one['removed']} tracks")
    if one["reordered"]:
        words.append("in another order")
    if one["former_name"] is not None:
        words.append(f"was {one['former_name']!r}")
    if one["reshared"]:
        words.append("shared with others than before")
    whose = f" of {one['user']}" if one["user"] else ""
    return f"{one['name']}{whose}" + (f": {', '.join(words)}" if words else "")


def label(item: Json) -> str:
    """``artist - title``, or the path of a track without tags."""
    if item.get("artist") and item.get("title"):
        return f"{item['artist']} - {item['title']}"
    return str(item.get("title") or item.get("relative_path") or item["path"])


def _print_tracks(items: Sequence[Json]) -> None:
    """With the scores that brought them here, if they have any."""
    scored = any("score" in item for item in items)
    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column("id", justify="right")
    if scored:
        table.add_column("score", justify="right")
    table.add_column("track", overflow="fold")
    table.add_column("album", overflow="fold")
    for item in items:
        number = str(item["track_id"] if scored else item["id"])
        score = [f"{item['score']:.3f}"] if scored else []
        table.add_row(number, *score, Text(label(item)), Text(item.get("album") or ""))
    Console(highlight=False).print(table)
