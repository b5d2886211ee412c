"""Every public contract that the daemon answers for."""

from __future__ import annotations

from harmonie_daemon.api.audiomuse import audiomuse_family
from harmonie_daemon.api.beatoven import beatoven_family
from harmonie_daemon.api.beatteller import beatteller_family
from harmonie_daemon.api.harmonie import harmonie_family
from harmonie_daemon.api.jellyfin import jellyfin_family
from harmonie_daemon.api.stalgia import stalgia_family
from harmonie_daemon.web.families import Family


def every_family() -> tuple[Family, ...]:
    """The first one also answers for paths that belong to nobody."""
    return (
        harmonie_family(),
        audiomuse_family(),
        beatoven_family(),
        stalgia_family(),
        beatteller_family(),
        jellyfin_family(),
    )
