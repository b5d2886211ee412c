"""Every codec for real, through a file and back."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from harmonie_daemon.analysis.decoding import decode
from harmonie_daemon.evaluation.baselines import Unheard
from harmonie_daemon.evaluation.transcoding import (
    CODECS,
    Codec,
    TranscodeJob,
    hear_transcode,
    transcode,
)
from tests.analysis.sounds import music, write


@pytest.mark.parametrize("codec", CODECS.values(), ids=lambda codec: codec.name)
def test_a_transcode_is_the_same_sound_in_another_format(codec: Codec, tmp_path: Path):
    original = write(tmp_path / "original.wav", np.stack([music(4.0)] * 2, axis=1))
    target = tmp_path / f"copy{codec.suffix}"
    transcode(str(original), str(target), codec)
    heard = decode(str(target))
    assert heard.duration_s == pytest.approx(decode(str(original)).duration_s, abs=0.1)
    bits_per_second = 8 * target.stat().st_size / heard.duration_s
    assert bits_per_second < 1.4 * codec.bits_per_second
    loudness = float(np.sqrt(np.mean(heard.samples**2)))
    assert loudness == pytest.approx(float(np.sqrt(np.mean(music(4.0) ** 2))), rel=0.1)


def test_a_file_that_cannot_be_read_leaves_a_reason(tmp_path: Path):
    junk = tmp_path / "junk.ogg"
    junk.write_bytes(b"OggS" + bytes(5_000))
    job = TranscodeJob(str(junk), "mp3 128k", ("timbre316-2",), str(tmp_path))
    assert isinstance(hear_transcode(job), Unheard)
