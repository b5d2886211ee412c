"""``harmonie plays``: who played what, and forgetting it."""

from __future__ import annotations

import argparse
import time

from rich.console import Console
from rich.table import Table
from rich.text import Text

from harmonie_daemon.cli import output
from harmonie_daemon.cli.client import Json, connected
from harmonie_daemon.cli.exits import CommandError, Exit
from harmonie_daemon.config import Settings

PATH = "/api/v1/plays"


def add_options(parser: argparse.ArgumentParser) -> None:
    """What can be asked for."""
    parser.add_argument("user", nargs="?", help="only this user's, with their numbers")
    parser.add_argument(
        "-n", "--limit", type=int, default=20, metavar="N", help="how many of the latest plays"
    )
    instead = parser.add_mutually_exclusive_group()
    instead.add_argument("--forget", metavar="USER", help="empty all that is kept of this user")
    instead.add_argument(
        "--import",
        dest="again",
        metavar="USER",
        help="undo that for what the servers have: read totals, favourites and playlists again",
    )
    parser.set_defaults(run=plays)


async def plays(settings: Settings, options: argparse.Namespace) -> Exit:
    """Show, forget or take in again."""
    named = options.forget if options.forget is not None else options.again
    if options.user is not None and named is not None:
        raise CommandError("name one user alone: --forget and --import say whom", Exit.USAGE)
    async with connected(settings) as daemon:
        if options.forget is not None:
            gone = await daemon.delete(PATH, {"listener": options.forget})
            _say(options, f"{options.forget} is forgotten, with {gone['plays']} plays", gone)
            return Exit.DONE
        if options.again is not None:
            answer = await daemon.post(f"{PATH}/import", listener=options.again)
            known = f"the servers' totals and favourites of {options.again} are read again"
            unknown = f"nobody called {options.again} is known"
            _say(options, known if answer["known"] else unknown, answer)
            return Exit.DONE if answer["known"] else Exit.NOT_FOUND
        wanted = {"limit": str(options.limit)}
        if options.user is not None:
            wanted["listener"] = options.user
        answer = await daemon.get(PATH, wanted)
    if options.json:
        output.as_json(answer)
    else:
        _show(answer, options.user)
    return Exit.DONE if answer["listeners"] else Exit.NOT_FOUND


def _say(options: argparse.Namespace, text: str, answer: Json) -> None:
    """One line, or the answer as JSON."""
    if options.json:
        output.as_json(answer)
    else:
        print(text)


def _show(answer: Json, user: str | None) -> None:
    if not answer["listeners"]:
        nothing = f"{user} has played nothing" if user else "nobody has played anything"
        print(f"{nothing} yet, as far as is known")
        return
    console = Console()
    recent = Table("when", "who", "what", "heard", "", box=None)
    for one in answer["items"]:
        title = " - ".join(part for part in (one["artist"], one["title"]) if part)
        heard = f"{one['heard_s'] / 60:.1f} min" if one["heard_s"] else ""
        when = time.strftime("%Y-%m-%d %H:%M", time.localtime(one["started_at"]))
        cells = (when, one["listener"], title or one["path"], heard, one["outcome"])
        recent.add_row(*(Text(cell) for cell in cells))
    console.print(recent)
    totals = Table(
        "who", "counted", "skipped", "partial", "tracks", "hours", "own playlists", box=None
    )
    for one in answer["listeners"]:
        numbers = (one["counted"], one["skipped"], one["partial"], one["tracks"])
        hours = f"{one['heard_s'] / 3600:.1f}"
        own = str(one["own_playlists"])
        totals.add_row(Text(one["listener"]), *(str(number) for number in numbers), hours, own)
    console.print(totals)
