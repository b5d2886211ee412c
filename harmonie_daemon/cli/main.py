"""From the words on the command line to an exit code."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from harmonie_daemon import log
from harmonie_daemon.app import VERSION
from harmonie_daemon.cli import (
    backup,
    commands,
    compose,
    doctor,
    evaluate,
    jellyfin,
    models,
    plays,
    serve,
)
from harmonie_daemon.cli.exits import CommandError, Exit
from harmonie_daemon.config import load_settings, unknown_variables
from harmonie_daemon.domain.errors import (
    BadRequestError,
    ConfigurationError,
    HarmonieError,
    UnusableDatabaseError,
)
from harmonie_daemon.domain.filter_fields import FILTER_NAMES
from harmonie_daemon.domain.playlist import EnergyCurve, Mode, Ranking

_EPILOG = """\
exit codes: 0 done, 1 failed, 2 wrong usage or configuration, 3 nothing found,
4 the database is damaged or not for this release, 130 interrupted.
Settings: a TOML file (--config, else ./config.toml, ~/.config/harmonie/config.toml,
/etc/harmonie/config.toml) and HARMONIE_* variables.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code and never raises for expected failures."""
    options = _parser().parse_args(arguments)
    try:
        settings = load_settings(options.config)
        level = settings.log_level if options.command == "serve" else "warning"
        log.configure(level, settings.secrets)
        for name in unknown_variables(os.environ):
            print(f"harmonie: {name} is not a setting and is ignored", file=sys.stderr)
        return int(asyncio.run(options.run(settings, options)))
    except CommandError as error:
        return _complain(error, error.exit)
    except HarmonieError as error:
        if options.command == "doctor":
            return doctor.unreadable(error, as_json=options.json)
        return _complain(error, _exit_after(error))
    except KeyboardInterrupt:
        return Exit.INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.FAILED


def _exit_after(error: HarmonieError) -> Exit:
    match error:
        case ConfigurationError() | BadRequestError():
            return Exit.USAGE
        case UnusableDatabaseError():
            return Exit.UNUSABLE
    return Exit.FAILED


def _complain(error: Exception, code: Exit) -> int:
    text = str(error).encode("utf-8", "backslashreplace").decode("utf-8")
    print(f"harmonie: {text}", file=sys.stderr)
    return code


def _parser() -> argparse.ArgumentParser:
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--config", type=Path, metavar="FILE", help="the configuration file")
    common.add_argument("--json", action="store_true", help="print JSON instead of text")
    parser = argparse.ArgumentParser(
        prog="harmonie",
        description="Similarity and playlists for your own music.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"harmonie {VERSION}")
    adding = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def command(name: str, text: str) -> argparse.ArgumentParser:
        return adding.add_parser(name, help=text, description=text, parents=[common])

    serve.add_options(command("serve", "Run the daemon."))
    scan = command("scan", "Scan the library now and show the progress; Ctrl-C cancels.")
    instead = scan.add_mutually_exclusive_group()
    instead.add_argument("--force", action="store_true", help="analyse unchanged files too")
    instead.add_argument("--pause", action="store_true", help="let the daemon's scans rest")
    instead.add_argument("--resume", action="store_true", help="go on after a pause")
    instead.add_argument("--cancel", action="store_true", help="end the running scan")
    scan.set_defaults(run=commands.scan)
    command("status", "What is known, and what is going on.").set_defaults(run=commands.status)
    similar = command("similar", "Tracks that sound like one.")
    similar.add_argument("query", help="a path, an id, or 'artist - title'")
    similar.add_argument("-n", "--limit", type=int, default=10, metavar="N", help="how many")
    _add_filter(similar)
    _add_ranking(similar)
    similar.set_defaults(run=commands.similar)
    search = command("search", "Tracks by words in their names, genres and files.")
    search.add_argument("words", nargs="+", help="each must occur, in any order")
    search.add_argument("-n", "--limit", type=int, default=20, metavar="N", help="how many")
    _add_filter(search)
    search.set_defaults(run=commands.search)
    _add_playlist(command("playlist", "Build a playlist and print it."))
    push = command("push", "Make every recipe anew and bring it to its targets now.")
    push.add_argument(
        "--dry-run", action="store_true", help="only show what would change, and change nothing"
    )
    push.set_defaults(run=commands.push)
    plays.add_options(command("plays", "Who played what, and forgetting it."))
    compose.add_options(command("compose", "Compose music from words and write it to a file."))
    doctor.add_options(command("doctor", "Look at everything, and say what needs a hand."))
    backup.add_options(command("backup", "Copy the database, whether or not the daemon runs."))
    jellyfin.add_parser(adding, common)
    models.add_parser(adding, common)
    evaluate.add_options(command("evaluate", "Measure similarity on your own music."))
    return parser


def _add_playlist(playlist: argparse.ArgumentParser) -> None:
    playlist.add_argument("seeds", nargs="*", help="paths, ids or 'artist - title'")
    playlist.add_argument("--mode", choices=list(Mode), help="default: similar, without seeds vibe")
    playlist.add_argument("-n", type=int, default=20, metavar="N", help="number of tracks")
    playlist.add_argument("--chunk-size", type=int, help="drift: tracks per anchor")
    playlist.add_argument("--target-bpm", type=float, help="vibe: preferred tempo")
    playlist.add_argument("--target-danceability", type=float, help="vibe: preferred danceability")
    playlist.add_argument("--rng-seed", type=int, help="the same number gives the same playlist")
    playlist.add_argument(
        "--sequence", action="store_true", help="order the list by the smallest jumps"
    )
    playlist.add_argument(
        "--energy-curve",
        choices=[curve.value for curve in EnergyCurve],
        help="how energy goes through the list; orders it as well",
    )
    playlist.add_argument(
        "--m3u8", metavar="FILE", help="write the playlist to this file, - for standard output"
    )
    _add_filter(playlist)
    _add_ranking(playlist)
    playlist.set_defaults(run=commands.playlist)


def _add_ranking(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--ranking",
        choices=[ranking.value for ranking in Ranking],
        default=Ranking.MUTUAL.value,
        help="what makes a track near: mutual proximity (the default) or the cosine alone",
    )


def _add_filter(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--filter",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="bpm=120..130, key=A, scale=minor, genre=Rock, energy=0.6.., …; may be repeated; "
        f"there are {', '.join(FILTER_NAMES)}",
    )
