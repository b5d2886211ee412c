"""Every method and path of the five documents (../shared/specs), and whose words refuse there.

What the present API of Beatoven asks beyond its document is here, too.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from harmonie_daemon.api.audiomuse import audiomuse_family
from harmonie_daemon.api.beatoven import beatoven_family
from harmonie_daemon.api.beatteller import beatteller_family
from harmonie_daemon.api.harmonie import harmonie_family
from harmonie_daemon.api.stalgia import stalgia_family
from harmonie_daemon.web.families import Family


@dataclass(frozen=True)
class Document:
    """One of the five."""

    family: Family
    is_ours: Callable[[Any], bool]
    """Whether an error body is one of this family's."""
    operations: tuple[tuple[str, str], ...]
    open_paths: tuple[str, ...] = ()
    """That need no key."""
    timeless: tuple[str, ...] = ()
    """That answer with the key, the daemon still starting or not."""
    with_body: tuple[str, ...] = ()
    """That read what is sent with a POST."""


def _says(*members: str) -> Callable[[Any], bool]:
    return lambda body: set(body) == set(members)


AUDIOMUSE = Document(
    audiomuse_family(),
    _says("error", "message"),
    (
        ("GET", "/api/config"),
        ("POST", "/api/analysis/start"),
        ("POST", "/api/clustering/start"),
        ("GET", "/api/status/a1b2"),
        ("POST", "/api/cancel/a1b2"),
        ("POST", "/api/cancel_all/main_analysis"),
        ("GET", "/api/last_task"),
        ("GET", "/api/active_tasks"),
        ("GET", "/api/playlists"),
    ),
    with_body=("/api/analysis/start", "/api/clustering/start"),
)
BEATTELLER = Document(
    beatteller_family(),
    _says("success", "error", "timestamp", "detail"),
    (
        ("POST", "/api/discover"),
        ("POST", "/api/story"),
        ("POST", "/api/recommendations"),
        ("GET", "/api/trending?limit=15&category=music"),
        ("POST", "/api/mood-analysis"),
        ("POST", "/api/playlist-generator"),
        ("POST", "/api/profile"),
        ("POST", "/api/cross-domain"),
        ("GET", "/api/health"),
    ),
    with_body=(
        "/api/discover",
        "/api/story",
        "/api/recommendations",
        "/api/mood-analysis",
        "/api/playlist-generator",
        "/api/cross-domain",
        "/api/profile",
    ),
)
STALGIA = Document(
    stalgia_family(),
    _says("error"),
    (
        ("GET", "/tags"),
        ("POST", "/generate"),
        ("POST", "/render-code"),
        ("POST", "/revise"),
        ("GET", "/download/midi"),
        ("GET", "/download/audio?format=wav"),
    ),
    with_body=("/generate", "/render-code", "/revise"),
)
BEATOVEN = Document(
    beatoven_family(),
    _says("error"),
    (
        ("POST", "/api/v2/tracks"),
        ("POST", "/api/v2/tracks/bd517be6/compose"),
        ("GET", "/api/v2/status/abcd442"),
        ("POST", "/api/v2/tracks/bd517be6/instrument_urls"),
        ("GET", "/api/v2/tracks/bd517be6"),
        ("GET", "/api/v2/composition_params"),
        ("POST", "/api/v1/tracks/compose"),
        ("POST", "/api/v1/tracks/compose/bd517be6"),
        ("GET", "/api/v1/tasks/bd517be6_1"),
        ("GET", "/files/compositions/bd517be6/1/mix.mp3"),
    ),
    timeless=("/api/v2/composition_params",),
    with_body=(
        "/api/v2/tracks",
        "/api/v2/tracks/bd517be6/compose",
        "/api/v2/tracks/bd517be6/instrument_urls",
        "/api/v1/tracks/compose",
        "/api/v1/tracks/compose/bd517be6",
    ),
)
HARMONIE = Document(
    harmonie_family(),
    _says("detail"),
    (
        ("GET", "/health"),
        ("GET", "/api/v1/status"),
        ("GET", "/api/v1/scan"),
        ("POST", "/api/v1/scan"),
        ("POST", "/api/v1/scan/cancel"),
        ("GET", "/api/v1/tracks"),
        ("GET", "/api/v1/tracks/resolve"),
        ("GET", "/api/v1/tracks/1"),
        ("GET", "/api/v1/tracks/1/similar"),
        ("GET", "/api/v1/genres"),
        ("GET", "/api/v1/styles"),
        ("POST", "/api/v1/playlists"),
    ),
    open_paths=("/health",),
    with_body=("/api/v1/playlists",),
)
DOCUMENTS = (HARMONIE, BEATTELLER, AUDIOMUSE, STALGIA, BEATOVEN)
