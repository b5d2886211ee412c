"""Tempo: octaves are near, unknown is neither near nor far."""

from __future__ import annotations

import numpy as np
import pytest

from harmonie_daemon.playlists.tempo import TEMPO_PENALTY, tempo_gaps, tempo_losses


def test_octaves_are_the_same_pulse_and_half_an_octave_is_farthest() -> None:
    tempos = np.array([60.0, 120.0, 240.0, 30.0, 120 * 2**0.5, 120 / 2**0.5, 127.14])
    gaps = tempo_gaps(120.0, tempos)
    assert gaps.tolist() == pytest.approx([0, 0, 0, 0, 0.5, 0.5, 1 / 12], abs=1e-3)


def test_an_unknown_tempo_loses_as_much_as_tempos_do_on_average() -> None:
    losses = tempo_losses(120.0, np.array([120.0, np.nan, 120 * 2**0.5]))
    assert losses.tolist() == pytest.approx([0, TEMPO_PENALTY / 2, TEMPO_PENALTY])
    everywhere = tempo_losses(120.0, 120 * 2 ** np.linspace(-1, 1, 999))
    assert everywhere.mean() == pytest.approx(TEMPO_PENALTY / 2, rel=0.01)


def test_after_an_unknown_tempo_every_one_is_welcome() -> None:
    assert tempo_losses(np.nan, np.array([60.0, np.nan])).tolist() == [0, 0]
