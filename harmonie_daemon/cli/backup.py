"""``harmonie backup``: a copy of the database, whether or not the daemon runs."""

from __future__ import annotations

import argparse
import asyncio
import time
from pathlib import Path

from harmonie_daemon.cli.exits import CommandError, Exit
from harmonie_daemon.cli.output import as_json
from harmonie_daemon.config import Settings
from harmonie_daemon.store.backup import back_up, dated_name, prune


def add_options(parser: argparse.ArgumentParser) -> None:
    """Where to, and how many of them."""
    parser.add_argument(
        "file",
        nargs="?",
        type=Path,
        metavar="FILE",
        help="where to; in a folder, and by default in backup.dir, it is named after the time",
    )
    parser.add_argument(
        "--keep", type=int, metavar="N", help="remove all but the N newest of that folder"
    )
    parser.set_defaults(run=backup)


async def backup(settings: Settings, options: argparse.Namespace) -> Exit:
    """Copy the database as it is now. Ctrl-C leaves nothing behind."""
    wanted: Path | None = options.file
    is_dated = wanted is None or await asyncio.to_thread(wanted.is_dir)
    if options.keep is not None and (options.keep < 1 or not is_dated):
        raise CommandError(
            "--keep takes a number from 1 on and goes with a folder of backups, not with one file",
            Exit.USAGE,
        )
    copy = wanted if wanted and not is_dated else _dated(wanted or settings.backup_folder)
    copy = await asyncio.to_thread(copy.expanduser)
    is_interrupted = False
    copying = asyncio.create_task(
        asyncio.to_thread(back_up, settings.database, copy, stopped=lambda: is_interrupted)
    )
    try:
        await asyncio.shield(copying)
    except asyncio.CancelledError:
        is_interrupted = True
        await asyncio.wait([copying])
        raise
    removed = prune(copy.parent, options.keep) if options.keep is not None else []
    _show(copy, removed, in_json=options.json)
    return Exit.DONE


def _dated(folder: Path) -> Path:
    return folder / dated_name(time.time())


def _show(copy: Path, removed: list[Path], *, in_json: bool) -> None:
    size_bytes = copy.stat().st_size
    if in_json:
        as_json({"file": str(copy), "bytes": size_bytes, "removed": [str(old) for old in removed]})
        return
    print(f"{copy}: {size_bytes / 1e6:.1f} MB")
    for old in removed:
        print(f"removed {old}")
