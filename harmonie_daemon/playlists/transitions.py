"""What neighbours in a list must have in common, where somebody asked for it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from harmonie_daemon.domain.playlist import Transitions
from harmonie_daemon.playlists.harmony import compatible
from harmonie_daemon.similarity.columns import Columns

BPM_SLACK = 1e-6
"""So that 125.1 after 120.1 is within 5 BPM despite binary fractions."""


def may_follow(
    transitions: Transitions, bpm: float, key: int, columns: Columns
) -> npt.NDArray[np.bool_]:
    """Which tracks may stand next to one of this tempo (NaN: unknown) and key code."""
    allowed = np.ones(len(columns), np.bool_)
    if transitions.bpm_tolerance is not None:
        gaps = np.abs(columns.bpm - bpm)
        allowed &= np.isnan(gaps) | (gaps <= transitions.bpm_tolerance + BPM_SLACK)
    if transitions.key_compatible:
        allowed &= compatible(key, columns.key)
    return allowed
