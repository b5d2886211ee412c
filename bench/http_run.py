"""The run of ``http.py``: sides, questions by turns, tables."""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

import load
from questions import QUESTIONS
from rich.console import Console
from rich.table import Table
from served import Checkout, Served, made_library

ROUNDS = 2
"""Each side has so many turns at a question, so that noise hits them alike."""
WARM_UP_S = 0.5


def main() -> None:
    """Measure and print one table for each number of connections."""
    options = _options()
    sides = [*([] if options.before is None else [Checkout.at(options.before)]), Checkout.here()]
    library = made_library(options.cache.absolute(), options.tracks, sides[0])
    names = [name for name in QUESTIONS if not options.only or options.only in name]
    with tempfile.TemporaryDirectory(prefix="harmonie-bench-") as work, ExitStack() as stack:
        running = [stack.enter_context(Served(side, library, Path(work))) for side in sides]
        for served in running:
            print(f"{served.name}: {_memory(served)} after its start")
        for connections in options.connections:
            table = _table(f"{options.tracks} tracks, {connections} connections")
            for name in names:
                _add(table, name, _ask_by_turns(running, name, options, connections))
            Console(width=150).print(table)
        for served in running:
            print(f"{served.name}: {_memory(served)} at the end")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Questions to a real daemon over HTTP.")
    parser.add_argument("cache", type=Path, help="folder for the made-up library")
    parser.add_argument("--tracks", type=int, default=100_000)
    parser.add_argument("--connections", type=_numbers, default=[1, 8], metavar="1,8")
    parser.add_argument("--seconds", type=float, default=4.0, help="for each question and side")
    parser.add_argument("--before", type=Path, metavar="DIR", help="a checkout to compare with")
    parser.add_argument("--only", metavar="TEXT", help="questions whose name contains this")
    return parser.parse_args()


def _numbers(text: str) -> list[int]:
    return [int(part) for part in text.split(",")]


def _ask_by_turns(
    running: Sequence[Served], name: str, options: argparse.Namespace, connections: int
) -> dict[str, load.Measured]:
    totals = {served.name: load.Measured() for served in running}
    ask = QUESTIONS[name]
    for served in running:
        load.measure(served, ask, options.tracks, connections=1, seconds=WARM_UP_S, seed=0)
    for turn in range(1, ROUNDS + 1):
        for served in running:
            measured = load.measure(
                served,
                ask,
                options.tracks,
                connections=connections,
                seconds=options.seconds / ROUNDS,
                seed=turn,
            )
            total = totals[served.name]
            total.waits_s += measured.waits_s
            total.health_s += measured.health_s
            total.cpu_s += measured.cpu_s
            total.elapsed_s += measured.elapsed_s
    return totals


def _table(title: str) -> Table:
    table = Table(title=title)
    table.add_column("question")
    table.add_column("side")
    for heading in load.Measured().figures():
        table.add_column(heading, justify="right")
    return table


def _add(table: Table, name: str, totals: Mapping[str, load.Measured]) -> None:
    """A row for each side and, with two, one of ratios: after by before."""
    figures = {side: measured.figures() for side, measured in totals.items()}
    for side, values in figures.items():
        table.add_row(name, side, *(_number(value) for value in values.values()))
    if len(figures) == 2:
        before, after = figures.values()
        ratios = (after[key] / before[key] if before[key] else float("nan") for key in before)
        table.add_row(name, "ratio", *(_number(ratio) for ratio in ratios), end_section=True)


def _number(value: float) -> str:
    return "" if value != value else f"{value:.2f}"  # noqa: PLR0124 - NaN


def _memory(served: Served) -> str:
    resident, most = served.memory_mib()
    return f"{resident:.0f} MiB resident, {most:.0f} MiB at most"
