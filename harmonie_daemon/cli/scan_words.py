"""What the commands print of a scan: a bar, a line, an outcome."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Callable, Iterator
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from harmonie_daemon.scanning.report import duration_words

Json = dict[str, Any]


@contextlib.contextmanager
def scan_progress(*, quiet: bool) -> Iterator[Callable[[Json], None]]:
    """A progress bar on standard error, with rate and time left; fed with scan states."""
    console = Console(stderr=True)
    if quiet or not console.is_terminal:
        yield _says_why_it_rests(console)
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
    )
    with Progress(*columns, console=console) as progress:
        bar = progress.add_task("scan", total=None, rate="")

        def show(state: Json) -> None:
            progress.update(
                bar,
                description=_activity(state),
                total=state["to_do"] or None,
                completed=_done(state),
                rate=_rate(state),
            )

        yield show


def _says_why_it_rests(console: Console) -> Callable[[Json], None]:
    """Without a bar: a line whenever the scan begins to rest, lest it seem to hang."""
    said: list[str | None] = [None]

    def show(state: Json) -> None:
        why = str(state["paused_because"]).partition(": ")[0] if state["paused"] else None
        if why is not None and why != said[0]:
            console.print(f"harmonie: the scan rests: {why}", highlight=False)
        said[0] = why

    return show


def scan_outcome(state: Json, *, as_json: bool, cancelled: bool) -> None:
    """What a scan came to."""
    if as_json:
        print(json.dumps(state, ensure_ascii=False, indent=2))
        return
    word = "cancelled" if cancelled else _ending(state)
    counts = ", ".join(
        f"{state[name]} {text}"
        for name, text in (
            ("discovered", "files"),
            ("full", "analysed"),
            ("descriptors_only", "measured anew"),
            ("embeddings_only", "re-embedded"),
            ("skipped", "unchanged"),
            ("failed", "failed"),
            ("moved", "moved"),
            ("removed", "removed"),
        )
        if state[name] or not name.endswith("_only")
    )
    print(f"scan {word}: {counts} in {duration_words(state['last_duration_sec'] or 0)}")
    if state["last_error"]:
        print(f"  {state['last_error']}")
    for line in unreadable(state):
        print(f"  {line}")
    if state["failed"]:
        for path, reason in state["recent_failures"]:
            print(f"  {path}: {reason}")


def _ending(state: Json) -> str:
    """How a scan ended that this command did not end."""
    if state["state"] == "error":
        return "failed"
    return "done" if _done(state) >= state["to_do"] else "was cancelled"


def unreadable(state: Json) -> list[str]:
    """A line for each thing that the scan could not look into, and one for those left out."""
    lines = [f"{path}: {why}; its tracks are kept" for path, why in state["unreadable"]]
    more = state["unreadable_count"] - len(lines)
    return [*lines, f"and {more} more that cannot be read"] if more > 0 else lines


def scan_state(state: Json, json_wanted: bool) -> None:
    """Where the scan stands, in a line."""
    if json_wanted:
        print(json.dumps(state, ensure_ascii=False, indent=2))
    else:
        print(f"scan: {scan_words(state)}")


def scan_words(scan: Json) -> str:
    """What a scan is at, or came to."""
    if scan["state"] == "scanning":
        words = f"{_activity(scan)}, {_done(scan)} of {scan['to_do']}"
        if scan["paused"]:
            return f"{words}, resting: {scan['paused_because']}"
        rate = _rate(scan)
        return f"{words}, {rate}" if rate else words
    if scan["paused"]:
        return "idle; the next one will wait until it is resumed"
    if scan["state"] == "error":
        return f"the last one failed: {scan['last_error']}"
    if scan["finished_at"] is None:
        return "none since the start"
    ended = time.strftime("%Y-%m-%d %H:%M", time.localtime(scan["finished_at"]))
    return f"idle, last one ended {ended}"


def _activity(scan: Json) -> str:
    """The phase; ``re-embedding`` when nothing else is left to do."""
    others = scan["to_do"] - scan["to_embed"]
    if scan["to_embed"] and _done(scan) - scan["embeddings_only"] >= others:
        return "re-embedding"
    return str(scan["phase"] or "starting")


def _done(scan: Json) -> int:
    counts = ("full", "descriptors_only", "embeddings_only", "failed")
    return sum(int(scan[name]) for name in counts)


def _rate(scan: Json) -> str:
    if scan["paused"]:
        return f"resting: {scan['paused_because']}"
    if not scan["remaining_sec"]:
        return ""
    per_minute = 60 * (scan["to_do"] - _done(scan)) / scan["remaining_sec"]
    return f"{per_minute:.0f} a minute, {duration_words(scan['remaining_sec'])} left"
