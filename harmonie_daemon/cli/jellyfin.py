"""``harmonie jellyfin``: users log in at Jellyfin, and out; the daemon keeps what they bring."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import getpass
import sys
import time
from pathlib import Path

from harmonie_daemon.cli.client import Client, Json, connected
from harmonie_daemon.cli.exits import CommandError, Exit
from harmonie_daemon.cli.interrupts import interrupts
from harmonie_daemon.cli.output import as_json
from harmonie_daemon.config import Settings

POLL_S = 2.0
MOST_FAILURES = 5
"""In a row, of asking whether the code was typed in: a server that restarts is waited for."""
LONGEST_PASSWORD_BYTES = 4000
API = "/api/v1/jellyfin"


def add_parser(
    adding: argparse._SubParsersAction[argparse.ArgumentParser], common: argparse.ArgumentParser
) -> None:
    """The command and its actions; ``common`` holds the options that each of them has."""
    text = "Users of Jellyfin for whom Harmonie acts."
    parser = adding.add_parser("jellyfin", help=text, description=text)
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")

    def action(name: str, text: str) -> argparse.ArgumentParser:
        return actions.add_parser(name, help=text, description=text, parents=[common])

    entering = action("login", "Log a user in, by a code that is typed into Jellyfin.")
    entering.add_argument("--user", metavar="NAME", help="who is to log in")
    instead = entering.add_mutually_exclusive_group()
    instead.add_argument(
        "--password", action="store_true", help="ask for the password here instead of a code"
    )
    instead.add_argument(
        "--password-file", metavar="FILE", help="read it from this file, - for standard input"
    )
    entering.set_defaults(run=login)
    leaving = action("logout", "Log a user out, here and at Jellyfin.")
    leaving.add_argument("user", nargs="?", metavar="USER", help="a user's name")
    leaving.add_argument("--all", action="store_true", help="every user")
    leaving.set_defaults(run=logout)
    action("users", "Who is logged in, whether it works, and what each may do.").set_defaults(
        run=users
    )


async def login(settings: Settings, options: argparse.Namespace) -> Exit:
    """Log a user in by a password or a code; fails when the code is not typed in."""
    password = await _password(options)
    async with connected(settings) as daemon:
        body = {"user": options.user, "password": password}
        state = await daemon.post(f"{API}/login", body)
        if state["state"] == "waiting":
            _show_code(state, options)
            with interrupts() as interrupted:
                state = await _until_typed_in(daemon, state, interrupted)
            if interrupted.is_set():
                return Exit.INTERRUPTED
    if state["state"] != "done":
        raise CommandError(_why_not(state, options))
    if options.json:
        as_json({"state": state["state"], "user": state["user"]})
    else:
        print(f"{state['user']} is logged in")
    return Exit.DONE


async def logout(settings: Settings, options: argparse.Namespace) -> Exit:
    """Log one user out, or all; fails when Jellyfin could not be told."""
    if (options.user is None) is not options.all:
        raise CommandError("name a user, or say --all", Exit.USAGE)
    async with connected(settings) as daemon:
        body = {"user": options.user, "all": options.all}
        outcome = await daemon.post(f"{API}/logout", body)
    if options.json:
        as_json(outcome)
    else:
        for name in outcome["users"]:
            print(f"{name} is logged out; the playlists stay as they are")
        for problem in outcome["problems"]:
            print(problem)
        if not outcome["users"]:
            print("nobody was logged in")
    return Exit.FAILED if outcome["problems"] else Exit.DONE


async def users(settings: Settings, options: argparse.Namespace) -> Exit:
    """Show every token, tried now; fails when one does not work."""
    async with connected(settings) as daemon:
        report = await daemon.get(API)
    if options.json:
        as_json(report)
    else:
        _print_users(report)
    is_well = report["problem"] is None and all(one["works"] for one in report["credentials"])
    return Exit.DONE if is_well else Exit.FAILED


async def _password(options: argparse.Namespace) -> str | None:
    """What was asked for or read; ``None``: a code is to be typed in."""
    if not (options.password or options.password_file):
        return None
    if options.user is None:
        raise CommandError("say whose password it is: --user NAME", Exit.USAGE)
    if options.password_file is not None:
        return await asyncio.to_thread(_read_password, options.password_file)
    if not sys.stdin.isatty():
        raise CommandError(
            "there is no terminal to ask for the password; use --password-file", Exit.USAGE
        )
    return await asyncio.to_thread(getpass.getpass, f"Password of {options.user}: ")


def _read_password(name: str) -> str:
    """The first line, whole."""
    try:
        if name == "-":
            raw = sys.stdin.buffer.readline(LONGEST_PASSWORD_BYTES + 1)
        else:
            with Path(name).open("rb") as file:
                raw = file.readline(LONGEST_PASSWORD_BYTES + 1)
        text = raw.decode("utf-8")
    except OSError as error:
        raise CommandError(f"{name} cannot be read: {error.strerror}", Exit.USAGE) from error
    except UnicodeDecodeError:
        raise CommandError("the password is not UTF-8", Exit.USAGE) from None
    if len(raw) > LONGEST_PASSWORD_BYTES:
        raise CommandError("the password is too long", Exit.USAGE)
    return text.rstrip("\r\n")


def _show_code(state: Json, options: argparse.Namespace) -> None:
    whom = f" as {options.user}" if options.user else ""
    until = time.strftime("%H:%M", time.localtime(state["expires_at"]))
    print(
        f"Type {state['code']} into Jellyfin{whom}, under Quick Connect in the menu of the user; "
        f"the code is good until {until}.",
        file=sys.stderr if options.json else sys.stdout,
        flush=True,
    )


async def _until_typed_in(daemon: Client, state: Json, interrupted: asyncio.Event) -> Json:
    failures = 0
    while state["state"] == "waiting" and not interrupted.is_set():
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(interrupted.wait(), POLL_S)
        try:
            state = await daemon.get(f"{API}/login/{state['id']}")
            failures = 0
        except CommandError as error:
            failures += 1
            if failures >= MOST_FAILURES or error.exit is not Exit.FAILED:
                raise
    return state


def _why_not(state: Json, options: argparse.Namespace) -> str:
    if state["state"] == "refused":
        return (
            f"{state['user']!r} typed the code in, not {options.user!r}: nobody is logged in; "
            "say --user for whom it is"
        )
    return "the code was not typed in in time: nobody is logged in; run it again for a new one"


def _print_users(report: Json) -> None:
    if report["url"] is not None:
        version = f", Jellyfin {report['version']}" if report["version"] else ""
        print(f"{report['url']}{version}")
    if report["problem"]:
        print(report["problem"])
    elif not report["credentials"]:
        print("nobody is logged in: run harmonie jellyfin login")
    for one in report["credentials"]:
        print(f"{_name(one)}: {_state(one)}")
        if one["works"] and one["may_not"]:
            print(f"  may not {', '.join(one['may_not'])}")


def _name(one: Json) -> str:
    if one["user"] is None:
        if one["origin"] == "login":
            return "the logins"
        return "the token of the settings" if one["works"] is False else "API key"
    role = "administrator" if one["is_admin"] else "user"
    return f"{one['user']} ({role})"


def _state(one: Json) -> str:
    if one["works"] is None:
        return "not tried"
    return "works" if one["works"] else str(one["problem"])
