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


def _copied(note: Any, _: dict[int, Any]) -> Any:
    """A note's copy, without looking through numbers and names for something to copy.

    musicpy copies every note of a chord three times to put another behind it, and was busy with
    little else.
    """
    copy = object.__new__(type(note))
    copy.__dict__.update(note.__dict__)
    return copy


musicpy.note.__deepcopy__ = _copied

__all__ = ["musicpy"]
