"""The Harmony AI API of BeatTeller below ``/api`` (docs/api/beatteller.md)."""

from harmonie_daemon.api.beatteller.deps import BeattellerDeps
from harmonie_daemon.api.beatteller.routes import beatteller_family

__all__ = ["BeattellerDeps", "beatteller_family"]
