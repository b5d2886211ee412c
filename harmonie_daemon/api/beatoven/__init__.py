"""The API of Beatoven: ``/api/v2`` and its present public one (docs/api/beatoven.md)."""

from harmonie_daemon.api.beatoven.deps import BeatovenDeps
from harmonie_daemon.api.beatoven.routes import beatoven_family

__all__ = ["BeatovenDeps", "beatoven_family"]
