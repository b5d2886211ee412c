"""The folders: can they be read, or written, and is there room. Everything here blocks."""

from __future__ import annotations

import os
import pwd
import shutil
from collections.abc import Iterator
from pathlib import Path

from harmonie_daemon.config import Settings
from harmonie_daemon.domain.checkup import Finding, fine, problem
from harmonie_daemon.domain.track import display_path
from harmonie_daemon.library.access import reason, trouble_writing
from harmonie_daemon.library.mounts import breaks_locks, file_system, read_mountinfo
from harmonie_daemon.library.roots import open_root

FOLDERS, DISK = "folders", "disk"
LEAST_FREE_BYTES = 1_000_000_000
"""Below which a full disk is near: a copy before a migration, the log of a long scan."""


def examine_libraries(settings: Settings) -> Iterator[Finding]:
    """Every folder of music."""
    if not settings.roots:
        yield problem(
            FOLDERS,
            "no folder of music is configured",
            "set HARMONIE_LIBRARIES, or libraries in the configuration, to the music folders",
        )
    for root in settings.roots:
        yield _library(str(root), settings.scan.exclude)


def _library(path: str, exclude: tuple[str, ...]) -> Finding:
    shown = display_path(path)
    try:
        root = open_root(path, exclude)
    except PermissionError:
        return problem(
            FOLDERS,
            f"{shown} may not be read by {_me()}",
            f"let {_me()} read it: as a group (usermod -aG GROUP {_me()}, then restart), or with "
            f"setfacl -R -m u:{_me()}:rX {shown}",
        )
    except OSError as error:
        return problem(
            FOLDERS,
            f"{shown} cannot be read: {reason(error)}",
            "mount it, or correct libraries; what is known of its tracks is kept meanwhile",
        )
    if root.empty:
        return problem(
            FOLDERS,
            f"{shown} is empty, as a folder is whose disk is not mounted",
            "mount the disk; what is known of its tracks is kept meanwhile",
        )
    return fine(FOLDERS, f"{shown} can be read")


def examine_writable(settings: Settings) -> Iterator[Finding]:
    """Every folder that we write to."""
    for setting, folder in _written(settings):
        yield _writable(setting, folder)
    mounts = read_mountinfo()
    if breaks_locks(file_system(os.path.realpath(settings.data_dir), mounts)):
        yield problem(
            FOLDERS,
            "the database is on a network file system, where it gets damaged: "
            f"{display_path(str(settings.data_dir))}",
            "set HARMONIE_DATA_DIR to a folder on a disk of this machine and move the files there",
        )


def _written(settings: Settings) -> Iterator[tuple[str, Path]]:
    yield "data_dir", settings.data_dir
    yield "m3u.dir", settings.m3u_folder
    for player in settings.m3u.player:
        yield f"m3u.player {player.name}", player.dir
    if settings.compose.library is not None:
        yield "compose.library", settings.compose.library
    if settings.backup.schedule is not None:
        yield "backup.dir", settings.backup_folder


def _writable(setting: str, folder: Path) -> Finding:
    why, shown = trouble_writing(folder), display_path(str(folder))
    if why is None:
        return fine(FOLDERS, f"{setting} ({shown}) can be written to")
    return problem(
        FOLDERS,
        f"{setting} ({shown}) cannot be written to: {why}",
        f"let {_me()} write there; a service may write only where ReadWritePaths of its unit says "
        "so (systemctl edit harmonie)",
    )


def examine_disk(settings: Settings) -> Iterator[Finding]:
    """Room for the database: as much again as it takes, and a gigabyte."""
    folder = next(path for path in (settings.data_dir, *settings.data_dir.parents) if path.is_dir())
    free = shutil.disk_usage(folder).free
    files = (settings.database, Path(f"{settings.database}-wal"))
    size = sum(one.stat().st_size for one in files if one.exists())
    said = f"{free / 1e9:.1f} GB are free for a database of {size / 1e6:.0f} MB"
    if free < size + LEAST_FREE_BYTES:
        advice = f"make room on the disk of {display_path(str(folder))}; old backups can go first"
        yield problem(DISK, said, advice)
    else:
        yield fine(DISK, said)


def _me() -> str:
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return f"user {os.geteuid()}"
