"""The one job of a jailed process: a program in, a MIDI file or a fault out.

Light to import: musicpy comes with the job, and before the jail is shut.
"""

from __future__ import annotations

import gc
import sys

from harmonie_daemon.compose.musicpy_code import limits
from harmonie_daemon.compose.musicpy_code.jail import JailError, shut
from harmonie_daemon.compose.musicpy_code.verdict import Ending, Layer, Verdict, packed

TARGET = f"{__name__}:work_through"
WARM_UP = (
    "a = C('Cmaj7', 4) % (1/8, 1/8) | chord('C4[1/8;1/8;90], r, E4.')\n"
    "d = drum('K, H[r:2], S;H, H, r:2')\n"
    "result = P([a, d.notes], ['Acoustic Grand Piano', 1], 90, channels=[0, 9])\n"
)
WARM_UP_FAULTS = ("x = (", "x = 'ä'\ny = \\N", "result = scale('C', 'x')", "'\\N{BULLET}'")


def work_through(source: bytes) -> bytes:
    """Run in a process of its own, once: the ``Verdict`` to a program, packed."""
    gc.disable()  # there is one program, and then the end
    sys.setrecursionlimit(10 * limits.DEEPEST + 500)
    import unicodedata  # noqa: F401, PLC0415 - the parser wants it for names beyond ASCII

    for program in (WARM_UP, *WARM_UP_FAULTS):
        evaluated(program)
    try:
        layers = shut()
    except JailError as error:
        return packed(Verdict(Ending.NO_JAIL, error.layers, None, str(error).encode()))
    return packed(evaluated(source.decode("utf-8", "surrogatepass"), layers))


def evaluated(source: str, layers: Layer = Layer(0)) -> Verdict:  # noqa: B008 - a value
    """What a program comes to. Only for a process that can be spared."""
    from harmonie_daemon.compose.musicpy_code import syntax, writing  # noqa: PLC0415 - see above
    from harmonie_daemon.compose.musicpy_code.evaluator import Evaluator  # noqa: PLC0415
    from harmonie_daemon.compose.musicpy_code.faults import FaultError, Fuel  # noqa: PLC0415

    evaluator = Evaluator(Fuel())
    try:
        result = evaluator.run(syntax.parse(source))
        evaluator.line = evaluator.result_line or evaluator.line
        midi = writing.midi_of(result)
    except syntax.RefusedProgramError as fault:
        return Verdict(Ending.FAULT, layers, fault.line, str(fault).encode())
    except FaultError as fault:
        return Verdict(Ending.FAULT, layers, evaluator.line, str(fault).encode())
    except (MemoryError, RecursionError):
        reason = b"the program needs too much memory, or is nested too deeply"
        return Verdict(Ending.FAULT, layers, evaluator.line, reason)
    return Verdict(Ending.MUSIC, layers, evaluator.result_line, midi)
