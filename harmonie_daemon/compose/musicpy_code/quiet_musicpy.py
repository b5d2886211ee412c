"""musicpy, imported without sound: for the jailed process and for tests, never for the daemon.

musicpy opens a sound card when it is imported, through pygame: a second of waiting, lines on
standard error and a thread that stays. Nothing that composes or writes MIDI needs it.
"""

from __future__ import annotations

import sys
import types
from typing import Any


class _NoSoundError(Exception):
    """What musicpy expects of a machine without a sound card."""


def _silent_pygame() -> types.ModuleType:
    def init(*_: Any) -> None:
        raise _NoSoundError

    module = types.ModuleType("pygame")
    module.error = _NoSoundError  # type: ignore[attr-defined]
    module.mixer = types.SimpleNamespace(init=init)  # type: ignore[attr-defined]
    return module


sys.modules.setdefault("pygame", _silent_pygame())

import musicpy  # noqa: E402 - the stand-in has to be there first

__all__ = ["musicpy"]
