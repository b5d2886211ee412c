"""``harmonie doctor``: what is in order, what is not, and what to do about it."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from rich.text import Text

from harmonie_daemon.cli import output
from harmonie_daemon.cli.client import Json, connected
from harmonie_daemon.cli.exits import CommandError, Exit
from harmonie_daemon.config import Settings, config_file
from harmonie_daemon.config.loading import renamed_settings, unknown_variables
from harmonie_daemon.domain.errors import HarmonieError

_SIGNS = {"fine": ("ok", "green"), "note": ("note", "yellow"), "problem": ("PROBLEM", "bold red")}


def add_options(parser: argparse.ArgumentParser) -> None:
    """What can be asked for."""
    parser.add_argument(
        "--try",
        dest="trial",
        action="store_true",
        help="also make, change and delete a playlist of its own at every target",
    )
    parser.set_defaults(run=doctor)


async def doctor(settings: Settings, options: argparse.Namespace) -> Exit:
    """Examine the configuration here and everything else from within the daemon."""
    findings = configuration(options.config)
    try:
        async with connected(settings) as daemon:
            findings.append(_running(is_running=daemon.is_running))
            if options.trial:
                findings += (await daemon.post("/api/v1/doctor/trial"))["findings"]
            else:
                findings += (await daemon.get("/api/v1/doctor"))["findings"]
    except (CommandError, HarmonieError) as error:
        advice = "see the words above; journalctl -u harmonie shows the service's log"
        findings.append(_finding("daemon", "problem", str(error), advice))
    return report(findings, as_json=options.json)


def unreadable(error: HarmonieError, *, as_json: bool) -> Exit:
    """The report where the configuration itself is what is wrong."""
    advice = "correct it there; config.example.toml shows every setting"
    return report([_finding("configuration", "problem", str(error), advice)], as_json=as_json)


def configuration(config: Path | None) -> list[Json]:
    """What is to be said of the file and the variables, which could be read."""
    file = config_file(config)
    where = "no file; the environment and the defaults" if file is None else str(file)
    findings = [_finding("configuration", "fine", f"read: {where}")]
    findings += [
        _finding("configuration", "problem", f"{name} is not a setting", "correct or remove it")
        for name in unknown_variables(os.environ)
    ]
    return findings + [
        _finding("configuration", "note", sentence)
        for sentence in renamed_settings(config, os.environ)
    ]


def report(findings: list[Json], *, as_json: bool) -> Exit:
    """Print the findings; fails when one is a problem."""
    problems = sum(finding["verdict"] == "problem" for finding in findings)
    if as_json:
        output.as_json({"ok": not problems, "findings": findings})
    else:
        _print(findings, problems)
    return Exit.FAILED if problems else Exit.DONE


def _print(findings: list[Json], problems: int) -> None:
    console = Console(highlight=False, soft_wrap=True)
    area = None
    for finding in sorted(findings, key=_order(findings)):
        if finding["area"] != area:
            area = finding["area"]
            console.print(Text(str(area), style="bold"))
        word, style = _SIGNS[finding["verdict"]]
        console.print(Text(f"  {word:<8}", style=style) + Text(str(finding["said"])))
        if finding["advice"]:
            console.print(Text(f"          {finding['advice']}", style="dim"))
    console.print(f"{problems} of {len(findings)} need a hand" if problems else "all is well")


def _order(findings: list[Json]) -> Callable[[Json], tuple[int, int]]:
    """Areas in the order in which they come up, what is wrong first in each."""
    areas = list(dict.fromkeys(finding["area"] for finding in findings))
    verdicts = ("problem", "note", "fine")
    return lambda one: (areas.index(one["area"]), verdicts.index(one["verdict"]))


def _running(*, is_running: bool) -> Json:
    if is_running:
        return _finding("daemon", "fine", "the daemon runs and answers")
    return _finding(
        "daemon",
        "note",
        "no daemon runs; this command looked by itself, as the user who called it",
        "harmonie serve, or sudo systemctl start harmonie",
    )


def _finding(area: str, verdict: str, said: str, advice: str | None = None) -> Json:
    return {"area": area, "verdict": verdict, "said": said, "advice": advice}
