"""musicpy's own answer: programs of ours, run as plain Python. Never for anybody else's.

Reads a JSON object of programs on standard input, writes one of their MIDI files, in hexadecimal.
"""

from __future__ import annotations

import importlib
import json
import sys
import types


def musicpy() -> types.ModuleType:
    """As it is: only without its search for a sound card."""
    pygame = types.ModuleType("pygame")
    pygame.error = OSError  # type: ignore[attr-defined]
    pygame.mixer = types.SimpleNamespace(init=_no_sound)  # type: ignore[attr-defined]
    sys.modules["pygame"] = pygame
    return importlib.import_module("musicpy")


def _no_sound(*_: object) -> None:
    raise OSError


def midi_of(code: str) -> bytes:
    """What musicpy writes for a program that is run as it stands."""
    mp = musicpy()
    names: dict[str, object] = {}
    exec("from musicpy import *", names)
    exec(code, names)
    result = names["result"]
    if isinstance(result, mp.scale):
        result = result.get_scale()
    written: bytes = mp.write(result, save_as_file=False, charset="utf-8").getvalue()
    return written


if __name__ == "__main__":
    programs = json.load(sys.stdin)
    json.dump({name: midi_of(code).hex() for name, code in programs.items()}, sys.stdout)
