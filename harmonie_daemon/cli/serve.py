"""``harmonie serve``: the daemon itself."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import logging
import os
import signal
import socket
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path

from aiohttp import web

from harmonie_daemon.app import STARTUP, create_app
from harmonie_daemon.cli.demo import with_demo_library
from harmonie_daemon.cli.exits import CommandError, Exit
from harmonie_daemon.config import Settings, config_file, renamed_settings
from harmonie_daemon.domain.hosts import Address
from harmonie_daemon.library.access import trouble_writing
from harmonie_daemon.tasks.composing.publishing import Publisher
from harmonie_daemon.web.bodies import runner_of
from harmonie_daemon.web.connections import Connections, listening_sockets, most_connections

log = logging.getLogger(__name__)

SHUTDOWN_TIMEOUT_S = 5.0
"""How long running requests may take to end."""


def add_options(parser: argparse.ArgumentParser) -> None:
    """What to begin with."""
    parser.add_argument(
        "--demo",
        action="store_true",
        help="if no libraries are configured, compose a small one and serve that",
    )
    parser.set_defaults(run=serve)


async def serve(settings: Settings, options: argparse.Namespace) -> Exit:
    """Run until SIGTERM or SIGINT; raises when the daemon cannot start."""
    log.info("settings are from %s", _sources(options.config))
    for words in renamed_settings(options.config, os.environ):
        log.warning("%s", words)
    await asyncio.to_thread(_name_unwritable_playlists, settings)
    await asyncio.to_thread(_name_unwritable_library, settings)
    if options.demo and not settings.libraries:
        settings = await with_demo_library(settings)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    app = create_app(settings)
    async with _listening(app, settings) as urls:
        log.info("listening on %s", ", ".join(urls))
        with _run_file(settings.data_dir / "daemon.json", urls[0]):
            await _until_stopped(app, stop)
    log.info("stopped")
    return Exit.DONE


def _sources(config: Path | None) -> str:
    file = config_file(config)
    if file is None:
        return "the environment and the defaults; there is no configuration file"
    return f"{os.path.abspath(file)} and the environment"  # noqa: PTH100 - links keep their names


def _name_unwritable_playlists(settings: Settings) -> None:
    """Say at once what the first playlist would say days later, when the first scan has ended."""
    _name_unwritable_folder("m3u.dir", settings.m3u_folder)
    for player in settings.m3u.player:
        _name_unwritable_folder(f"m3u.player {player.name}", player.dir)


def _name_unwritable_folder(setting: str, folder: Path) -> None:
    reason = trouble_writing(folder)
    if reason is not None:
        log.warning(
            "no .m3u8 playlists can be written to %s=%s: %s (a service may write only where "
            "ReadWritePaths of its unit says so)",
            setting,
            folder,
            reason,
        )


def _name_unwritable_library(settings: Settings) -> None:
    """As above, of compositions. A share that is not mounted yet keeps no music from playing."""
    folder = settings.compose.library
    if folder is None:
        return
    try:
        Publisher(folder).check()
    except OSError as error:
        log.warning(
            "no compositions can be put into compose.library=%s: %s (a service may write only "
            "where ReadWritePaths of its unit says so); they stay in the data folder",
            folder,
            error.strerror,
        )


@contextlib.asynccontextmanager
async def _listening(app: web.Application, settings: Settings) -> AsyncIterator[list[str]]:
    connections = Connections(most_connections())
    app.middlewares.insert(0, connections.middleware())
    runner = runner_of(app, shutdown_timeout_s=SHUTDOWN_TIMEOUT_S)
    await runner.setup()
    try:
        addresses = settings.http.addresses
        bound = await asyncio.to_thread(_bind, addresses)
        urls = [
            f"http://{replace(address, port=sockets[0].getsockname()[1])}"
            for address, sockets in zip(addresses, bound, strict=True)
        ]
        async with connections.accepted(list(chain.from_iterable(bound)), runner):
            yield urls
    finally:
        await runner.cleanup()


def _bind(addresses: Sequence[Address]) -> list[list[socket.socket]]:
    """The sockets of each address: all of them, or none."""
    with contextlib.ExitStack() as undo:
        bound: list[list[socket.socket]] = []
        for address in addresses:
            sockets = _bind_one(address, is_first=not bound)
            for one in sockets:
                undo.enter_context(one)
            bound.append(sockets)
        undo.pop_all()
    return bound


def _bind_one(address: Address, *, is_first: bool) -> list[socket.socket]:
    settings = "HARMONIE_HOST and HARMONIE_PORT" if is_first else "HARMONIE_ALSO_LISTEN"
    try:
        return listening_sockets(address.host, address.port)
    except OSError as error:
        raise CommandError(
            f"cannot listen on {address}: {error.strerror}; set {settings} to what is free"
        ) from error


async def _until_stopped(app: web.Application, stop: asyncio.Event) -> None:
    """Wait for the signal; a daemon that fails to start raises instead."""
    stopped = asyncio.create_task(stop.wait())
    started = asyncio.create_task(app[STARTUP].ended())
    try:
        await asyncio.wait([started, stopped], return_when=asyncio.FIRST_COMPLETED)
        if started.done():
            started.result()
            await stopped
    finally:
        stopped.cancel()
        started.cancel()


@contextlib.contextmanager
def _run_file(path: Path, url: str) -> Iterator[None]:
    """Leave word where the daemon can be reached, for the other commands."""
    new = path.with_suffix(".json.new")
    new.write_text(json.dumps({"url": url, "pid": os.getpid()}), encoding="utf-8")
    new.replace(path)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)
