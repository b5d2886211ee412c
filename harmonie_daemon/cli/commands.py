"""The commands that talk to a daemon."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from harmonie_daemon.cli import labels, output, playlist_file, scan_words
from harmonie_daemon.cli.client import Client, Json, connected, is_running
from harmonie_daemon.cli.exits import CommandError, Exit
from harmonie_daemon.cli.interrupts import interrupts
from harmonie_daemon.config import Settings
from harmonie_daemon.domain.errors import FilterError
from harmonie_daemon.domain.filter_fields import FILTER_FIELDS_BY_NAME, Form
from harmonie_daemon.domain.filters import parse_range, require_filter_names

POLL_S = 0.5


async def scan(settings: Settings, options: argparse.Namespace) -> Exit:
    """Scan everything, showing how far it is; Ctrl-C cancels it and leaves what was done."""
    if options.pause or options.resume or options.cancel:
        return await _steer(settings, options)
    async with connected(settings, otherwise=_without_libraries(settings)) as daemon:
        with interrupts() as interrupted:
            state = await daemon.post("/api/v1/scan", force="true" if options.force else "false")
            with scan_words.scan_progress(quiet=options.json) as show:
                while state["state"] == "scanning" and not interrupted.is_set():
                    show(state)
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(interrupted.wait(), POLL_S)
                    state = await daemon.get("/api/v1/scan")
                show(state)
            if interrupted.is_set():
                state = await daemon.post("/api/v1/scan/cancel")
    scan_words.scan_outcome(state, as_json=options.json, cancelled=interrupted.is_set())
    if interrupted.is_set():
        return Exit.INTERRUPTED
    return Exit.FAILED if state["state"] == "error" or state["missing_roots"] else Exit.DONE


async def _steer(settings: Settings, options: argparse.Namespace) -> Exit:
    """Pause, resume or cancel what the running daemon does."""
    order = "pause" if options.pause else "resume" if options.resume else "cancel"
    alone = CommandError(f"no daemon is running: there is nothing to {order}")
    async with connected(settings, otherwise=alone) as daemon:
        state = await daemon.post(f"/api/v1/scan/{order}")
    scan_words.scan_state(state, options.json)
    return Exit.DONE


async def status(settings: Settings, options: argparse.Namespace) -> Exit:
    """Show the library's counters and the state of the scan; makes nothing where nothing is."""
    if not settings.has_database and not await is_running(settings):
        output.nothing_yet(settings, options.json)
        return Exit.DONE
    async with connected(settings) as daemon:
        counters = await daemon.get("/api/v1/status")
        state = await daemon.get("/api/v1/scan")
        output.status({**counters, "scan": state, "running": daemon.is_running}, options.json)
    return Exit.DONE


async def similar(settings: Settings, options: argparse.Namespace) -> Exit:
    """Show the tracks nearest to one; says why when there are none."""
    wanted = list(_filter_parameters(options.filter))
    async with connected(settings, otherwise=_nothing_known(settings)) as daemon:
        track = await _find(daemon, options.query)
        parameters = [("limit", str(options.limit)), ("ranking", options.ranking), *wanted]
        found = await daemon.get(f"/api/v1/tracks/{track['id']}/similar", parameters)
        reason = None if found["matches"] else await _why_alone(daemon, track, wanted)
    output.matches(track, found, options.json)
    return _found_or(reason)


async def search(settings: Settings, options: argparse.Namespace) -> Exit:
    """Show the tracks that have words in their names, genres or files, the best match first."""
    wanted = list(_filter_parameters(options.filter))
    words = " ".join(options.words)
    async with connected(settings, otherwise=_nothing_known(settings)) as daemon:
        parameters = [("q", words), ("limit", str(options.limit)), *wanted]
        found = await daemon.get("/api/v1/tracks", parameters)
        reason = None if found["items"] else await _why_unfound(daemon, words, wanted)
    output.found(found, options.json)
    return _found_or(reason)


async def _why_unfound(daemon: Client, words: str, wanted: Sequence[tuple[str, str]]) -> str:
    """Whether it is the words or the filters that let nothing pass."""
    if wanted and (await daemon.get("/api/v1/tracks", {"q": words, "limit": "1"}))["total"]:
        return await labels.why_nothing_passes(daemon, wanted)
    return f"no track has all of the words {words!r}"


async def playlist(settings: Settings, options: argparse.Namespace) -> Exit:
    """Build a playlist, print it or write it to a file; says why when it is empty."""
    wanted = list(_filter_parameters(options.filter))
    async with connected(settings, otherwise=_nothing_known(settings)) as daemon:
        seeds = [(await _find(daemon, seed))["id"] for seed in options.seeds]
        built = await daemon.post("/api/v1/playlists", _playlist_body(options, seeds))
        reason = None if built["items"] else await labels.why_nothing_passes(daemon, wanted)
    if options.m3u8 is not None and reason is None:
        playlist_file.write(built["items"], options.m3u8)
    else:
        output.playlist(built, options.json)
    return _found_or(reason)


async def push(settings: Settings, options: argparse.Namespace) -> Exit:
    """Refresh every recipe and its targets, or say what that would do; fails when any does."""
    async with connected(settings) as daemon:
        if options.dry_run:
            report = await daemon.get("/api/v1/playlists/refresh")
        else:
            report = await daemon.post("/api/v1/playlists/refresh")
    show = output.push_plan if options.dry_run else output.push
    show(report, options.json)
    return Exit.DONE if report["ok"] else Exit.FAILED


def _without_libraries(settings: Settings) -> CommandError | None:
    if settings.roots:
        return None
    return CommandError(
        "no daemon is running, and no libraries are configured to scan without one; "
        "set HARMONIE_LIBRARIES",
        Exit.USAGE,
    )


def _nothing_known(settings: Settings) -> CommandError | None:
    """Asking a database that is yet to be made would make it."""
    if settings.has_database:
        return None
    return CommandError(
        f"no daemon is running, and nothing has been scanned into {settings.data_dir} yet; "
        "begin with harmonie scan or harmonie serve",
        Exit.NOT_FOUND,
    )


def _found_or(reason: str | None) -> Exit:
    if reason is not None:
        raise CommandError(reason, Exit.NOT_FOUND)
    return Exit.DONE


async def _why_alone(daemon: Client, track: Json, wanted: Sequence[tuple[str, str]]) -> str:
    """Why a track has no neighbours."""
    if track["model"] is None:
        return (
            f"{output.label(track)} cannot be compared: it has no embedding, "
            "as it is too short or silent"
        )
    return await labels.why_nothing_passes(daemon, wanted)


async def _find(daemon: Client, query: str) -> Json:
    """The track a person means by an id, a path or ``artist - title``."""
    if query.isdecimal():
        return await daemon.get(f"/api/v1/tracks/{query}")
    for attempt in _readings(query):
        try:
            return await daemon.get("/api/v1/tracks/resolve", attempt)
        except CommandError as error:
            if error.exit is not Exit.NOT_FOUND:
                raise
    raise CommandError(
        f"no track answers to {query!r}; give a path, an id, or 'artist - title'", Exit.NOT_FOUND
    )


def _readings(query: str) -> Iterator[dict[str, str]]:
    """What a query may mean, most literal first."""
    path = os.path.abspath(query)  # noqa: PTH100 - resolving would lose the name of a link
    if Path(path).exists():
        yield {"path": path}
    yield {"path": query}
    artist, separator, title = query.partition(" - ")
    if separator:
        yield {"artist": artist.strip(), "title": title.strip()}
    yield {"title": query}


def _playlist_body(options: argparse.Namespace, seeds: Sequence[int]) -> Json:
    mode = options.mode or ("similar" if seeds else "vibe")
    body: Json = {"mode": str(mode), "n": options.n, "filter": _filter_body(options.filter)}
    if mode == "vibe":
        if seeds:
            raise CommandError("vibe takes no seeds; use --mode similar or drift", Exit.USAGE)
        target = {"bpm": options.target_bpm, "danceability": options.target_danceability}
        body["target"] = {name: value for name, value in target.items() if value is not None}
    elif not seeds:
        raise CommandError(
            f"{mode} begins with a track: give a path, an id, or 'artist - title'", Exit.USAGE
        )
    else:
        body["seeds"] = list(seeds)
        body["ranking"] = options.ranking
    if options.chunk_size is not None:
        body["chunk_size"] = options.chunk_size
    if options.sequence or options.energy_curve:
        body["sequence"] = True
        body["energy_curve"] = options.energy_curve
    if options.rng_seed is not None:
        body["rng_seed"] = options.rng_seed
    return body


def _filter_parameters(pairs: Sequence[str]) -> Iterator[tuple[str, str]]:
    for pair in pairs:
        name, separator, value = pair.partition("=")
        if not separator:
            raise CommandError(f"--filter {pair!r} must read NAME=VALUE", Exit.USAGE)
        try:
            require_filter_names([name.strip()])
        except FilterError as error:
            raise CommandError(f"--filter {pair!r}: {error}", Exit.USAGE) from None
        yield name.strip(), value.strip()


def _filter_body(pairs: Sequence[str]) -> dict[str, Any]:
    """``NAME=VALUE`` words as the filter block of a playlist request."""
    body: dict[str, Any] = {}
    for name, value in _filter_parameters(pairs):
        match FILTER_FIELDS_BY_NAME[name].form:
            case Form.PITCH_CLASSES | Form.LABELS:
                body.setdefault(name, []).append(value)
            case Form.RANGE:
                wanted = parse_range(value, name)
                bounds = {"gte": wanted.low, "lte": wanted.high}
                body[name] = {side: bound for side, bound in bounds.items() if bound is not None}
            case Form.PROBABILITY:
                body[name] = _number(name, value)
            case Form.SCALE | Form.STYLE_MODE:
                body[name] = value
    return body


def _number(name: str, value: str) -> float:
    try:
        return float(value)
    except ValueError:
        raise CommandError(f"--filter {name}={value!r} is not a number", Exit.USAGE) from None
