"""The older methods, as a worker hears for them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from harmonie_daemon.evaluation import baselines
from harmonie_daemon.evaluation.baselines import BaselineJob, Unheard, timbre_gaussian
from tests.analysis.sounds import RATE, sine, write

needs_bliss = pytest.mark.skipif(
    not baselines.bliss_is_installed(), reason="bliss-audio is not installed (extra: evaluate)"
)


def test_too_short_a_sound_has_no_gaussian_and_silence_has_one_that_can_be_inverted():
    assert timbre_gaussian(np.zeros(5_000, np.float32)) is None
    silent = timbre_gaussian(np.zeros(40_000, np.float32))
    assert silent is not None
    assert np.isfinite(np.linalg.inv(silent.covariance)).all()


def test_a_file_that_cannot_be_read_leaves_a_reason(tmp_path: Path):
    junk = tmp_path / "junk.ogg"
    junk.write_bytes(b"OggS" + bytes(5_000))
    found = baselines.hear_baseline(BaselineJob(str(junk), baselines.MFCC))
    assert isinstance(found, Unheard)


@needs_bliss
def test_bliss_describes_a_file_and_its_panics_are_reasons(tmp_path: Path):
    heard = baselines.hear_baseline(
        BaselineJob(str(write(tmp_path / "a.flac", sine(440, 4.0), rate=RATE)), baselines.BLISS)
    )
    assert isinstance(heard, np.ndarray)
    assert len(heard) >= 20
    gone = baselines.hear_baseline(BaselineJob(str(tmp_path / "gone.flac"), baselines.BLISS))
    assert isinstance(gone, Unheard)
    undecodable = baselines.hear_baseline(BaselineJob("/caf\udce9.flac", baselines.BLISS))
    assert undecodable == Unheard("bliss reads no file whose name is not UTF-8")
