"""The doctor of this daemon."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from harmonie_daemon.config import Settings
from harmonie_daemon.mediaservers.examining import Examinable
from harmonie_daemon.mediaservers.push import Target
from harmonie_daemon.tasks.doctor.doctor import Blocking, Doctor, Examination
from harmonie_daemon.tasks.doctor.folders import (
    DISK,
    FOLDERS,
    examine_disk,
    examine_libraries,
    examine_writable,
)
from harmonie_daemon.tasks.doctor.watching import WATCHING, examine_watching


def open_doctor(
    settings: Settings,
    targets: Sequence[Target],
    unwatched: Callable[[], Mapping[str, str]],
    more: Mapping[str, Examination],
) -> Doctor:
    """Examinations of the folders, of ``more`` by their areas, and of the targets that allow it.

    ``unwatched``: the roots that the running watcher had to give up, and why.
    """
    looks: list[tuple[str, Examination]] = [
        (FOLDERS, Blocking(lambda: examine_libraries(settings))),
        (FOLDERS, Blocking(lambda: examine_writable(settings))),
        (DISK, Blocking(lambda: examine_disk(settings))),
        (WATCHING, Blocking(lambda: examine_watching(settings, unwatched()))),
        *more.items(),
    ]
    return Doctor(looks, [target for target in targets if isinstance(target, Examinable)])
