from __future__ import annotations

import numpy as np
import pytest

from harmonie_daemon.compose.score import TablaStroke
from harmonie_daemon.compose.soundfont.tone import SAMPLE_RATE
from harmonie_daemon.compose.voices import strike_tabla


@pytest.mark.parametrize("sa", range(12))
def test_the_tabla_is_tuned_to_sa(sa: int) -> None:
    """Or every stroke would be a wrong note against the drone."""
    sound = strike_tabla(TablaStroke.TIN, 100, SAMPLE_RATE, sa=sa).sound[:, 0]
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(len(sound)), 4 * SAMPLE_RATE))
    hz = np.argmax(spectrum[400:2000]) / 4 + 100
    pitch = 69 + 12 * np.log2(hz / 440)
    assert abs((pitch - sa + 6) % 12 - 6) < 0.3
