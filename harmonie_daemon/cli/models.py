"""``harmonie models``: the weights of embedding models, on this machine; no daemon needed."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, TextColumn, TransferSpeedColumn
from rich.progress import Progress as ProgressBar

from harmonie_daemon.analysis.embeddings import BUILTIN_MODEL, embedder
from harmonie_daemon.analysis.weights import (
    DEFAULT_URL,
    EFFNET_MODEL,
    REGISTRY,
    DownloadProgress,
    FileReport,
    Weights,
    WeightStore,
    weights_of,
)
from harmonie_daemon.cli.client import Json, asked_to_scan
from harmonie_daemon.cli.exits import CommandError, Exit
from harmonie_daemon.cli.output import as_json
from harmonie_daemon.config import Settings
from harmonie_daemon.domain.errors import ModelError


def add_parser(
    adding: argparse._SubParsersAction[argparse.ArgumentParser], common: argparse.ArgumentParser
) -> None:
    """The command and its actions; ``common`` holds the options that each of them has."""
    text = "Weights of embedding models on this machine."
    parser = adding.add_parser("models", help=text, description=text)
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")

    def action(name: str, text: str) -> argparse.ArgumentParser:
        return actions.add_parser(name, help=text, description=text, parents=[common])

    action("list", "Which models there are, and which can be used.").set_defaults(run=list_models)
    getting = action("download", "Fetch the weights of a model, going on where it broke off.")
    getting.add_argument(
        "name", nargs="?", default=EFFNET_MODEL, metavar="NAME", help="left out: %(default)s"
    )
    getting.add_argument(
        "--accept-licence", action="store_true", help="you agree to the licence of the weights"
    )
    getting.set_defaults(run=download)
    action("verify", "Read all weights anew and load them.").set_defaults(run=verify)
    taking = action("add", "Take in a file of weights that you have.")
    taking.add_argument("file", type=Path, metavar="FILE", help="under its published name")
    taking.add_argument(
        "--trust", action="store_true", help="accept a conversion of your own, not the published"
    )
    taking.set_defaults(run=add)


async def list_models(settings: Settings, options: argparse.Namespace) -> Exit:
    """Show every model: usable, or why not."""
    store = _store(settings)
    shown = [_description(store, weights) for weights in REGISTRY.values()]
    if options.json:
        as_json({"models": [{"model": BUILTIN_MODEL, "usable": True, "built_in": True}, *shown]})
        return Exit.DONE
    print(f"{BUILTIN_MODEL}: usable, built in")
    for model in shown:
        print(f"{model['model']}: {model['problem'] or 'usable'}")
        print(f"  {model['dim']} dimensions; {model['licence']}; {model['about']}")
        _print_files(model["files"])
    return Exit.DONE


async def download(settings: Settings, options: argparse.Namespace) -> Exit:
    """Fetch what a model lacks, once its licence has been accepted."""
    weights = weights_of(options.name)
    store = _store(settings)
    if await asyncio.to_thread(store.problem, weights.model) is not None:
        _agree(weights, options)
        with _bars(quiet=options.json) as show:
            await store.download(weights.model, show)
    return await _outcome(settings, store, weights, options)


async def verify(settings: Settings, options: argparse.Namespace) -> Exit:
    """Read every file, then load each model whose files are right; fails if one is not."""
    store = _store(settings)
    shown = []
    for weights in REGISTRY.values():
        await asyncio.to_thread(store.verify, weights.model)
        description = _description(store, weights)
        if description["problem"] is None:
            description["problem"] = await asyncio.to_thread(_trouble_loading, store, weights)
            description["usable"] = description["problem"] is None
        shown.append(description)
    present = [model for model in shown if model["files"]]
    if options.json:
        as_json({"models": shown})
    else:
        for model in shown:
            print(f"{model['model']}: {model['problem'] or 'right, and loads'}")
            _print_files(model["files"])
    if not present:
        return Exit.NOT_FOUND
    return Exit.DONE if all(model["usable"] for model in present) else Exit.FAILED


async def add(settings: Settings, options: argparse.Namespace) -> Exit:
    """Copy a file into the folder after the same checks as a download."""
    store = _store(settings)
    report = await asyncio.to_thread(store.add, options.file, trust=options.trust)
    model = next(weights for weights in REGISTRY.values() if weights.file(report.name))
    return await _outcome(settings, store, model, options)


def _store(settings: Settings) -> WeightStore:
    return WeightStore(settings.weights_folder, settings.models_url or DEFAULT_URL)


def _agree(weights: Weights, options: argparse.Namespace) -> None:
    """Say what the licence is; raise unless it is accepted on the command line or here."""
    print(f"{weights.model}: {weights.licence}; see {weights.about}", file=sys.stderr)
    if options.accept_licence:
        return
    if not options.json and sys.stdin.isatty() and sys.stderr.isatty():
        print("Do you accept this licence? [y/N] ", end="", file=sys.stderr, flush=True)
        if sys.stdin.readline().strip().lower() in ("y", "yes"):
            return
    raise CommandError(
        "nothing was downloaded: the licence was not accepted (--accept-licence accepts it)"
    )


async def _outcome(
    settings: Settings, store: WeightStore, weights: Weights, options: argparse.Namespace
) -> Exit:
    """What the model is like now; a running daemon begins to use it.

    A file too few is no failure of the command that added one.
    """
    description = _description(store, weights)
    told = description["usable"] and await asked_to_scan(settings)
    if options.json:
        as_json({**description, "daemon_told": told})
        return Exit.DONE
    when = "the running daemon was told" if told else "a daemon takes it up with its next scan"
    print(f"{weights.model}: {description['problem'] or f'usable; {when}'}")
    _print_files(description["files"])
    return Exit.DONE


def _description(store: WeightStore, weights: Weights) -> Json:
    problem = store.problem(weights.model)
    return {
        "model": weights.model,
        "usable": problem is None,
        "problem": problem,
        "dim": weights.dim,
        "licence": weights.licence,
        "about": weights.about,
        "folder": str(store.folder),
        "files": [_file(report) for report in store.files(weights.model)],
    }


def _file(report: FileReport) -> Json:
    return {**asdict(report), "role": str(report.role)}


def _print_files(files: list[Json]) -> None:
    for file in files:
        state = file["problem"] or f"right, {_origin(file)}"
        print(f"  {file['name']} ({file['size'] / 1e6:.1f} MB, {file['role']}): {state}")
        print(f"    sha256 {file['sha256']}")


def _origin(file: Json) -> str:
    if file["is_published"]:
        return "the published file"
    return "on your word" if file["is_trusted"] else "no checksum is published"


def _trouble_loading(store: WeightStore, weights: Weights) -> str | None:
    try:
        embedder(weights.model, str(store.folder))
    except ModelError as error:
        return str(error)
    return None


@contextlib.contextmanager
def _bars(*, quiet: bool) -> Iterator[Callable[[DownloadProgress], None]]:
    """A bar for each file on standard error, on a terminal."""
    console = Console(stderr=True)
    if quiet or not console.is_terminal:
        yield lambda progress: None
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
    )
    with ProgressBar(*columns, console=console) as bars:
        tasks = {}

        def show(progress: DownloadProgress) -> None:
            if progress.file not in tasks:
                tasks[progress.file] = bars.add_task(progress.file)
            bars.update(tasks[progress.file], completed=progress.received, total=progress.total)

        yield show
