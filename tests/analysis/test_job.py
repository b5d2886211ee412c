from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from harmonie_daemon.analysis.decoding import LONGEST_S
from harmonie_daemon.analysis.descriptors import DESCRIPTOR_VERSION
from harmonie_daemon.analysis.embeddings import BUILTIN_MODEL
from harmonie_daemon.analysis.job import (
    LONGEST_HEARD_S,
    PRELOAD,
    TARGET,
    AnalysisJob,
    JobFailure,
    analyse,
    timeout_s,
)
from harmonie_daemon.domain.track import Analysis, Descriptors
from harmonie_daemon.workers import Supervisor
from tests.analysis.sounds import music, sine, write

STAGES = {"decode", "resample", "rhythm", "features", "key", "loudness", "danceability", "onsets"}


def heard(path: Path) -> Analysis:
    analysis = analyse(AnalysisJob(str(path), (BUILTIN_MODEL,)))
    assert isinstance(analysis, Analysis), analysis
    return analysis


def test_a_file_is_heard_whole(tmp_path: Path) -> None:
    analysis = heard(write(tmp_path / "music.flac", music()))
    assert analysis.duration_s == pytest.approx(12.0)
    assert analysis.descriptor_version == DESCRIPTOR_VERSION
    assert analysis.decoded_fraction == 1
    vector = analysis.embeddings[BUILTIN_MODEL]
    assert vector is not None
    assert vector.shape == (316,)
    assert set(analysis.stage_cpu_s) == STAGES | {BUILTIN_MODEL}
    assert min(analysis.stage_cpu_s.values()) >= 0


def test_silence_is_heard_as_silence(tmp_path: Path) -> None:
    analysis = heard(write(tmp_path / "silence.wav", sine(440, 4.0, level=0)))
    assert analysis.duration_s == pytest.approx(4.0)
    assert analysis.descriptors == Descriptors()
    assert analysis.embeddings == {BUILTIN_MODEL: None}


def test_a_second_of_sound_has_a_duration_but_no_embedding(tmp_path: Path) -> None:
    analysis = heard(write(tmp_path / "short.wav", sine(440, 1.0)))
    assert analysis.duration_s == pytest.approx(1.0)
    assert analysis.embeddings == {BUILTIN_MODEL: None}


def test_what_is_not_audio_is_a_failure_with_its_reason(tmp_path: Path) -> None:
    path = tmp_path / "diary.mp3"
    path.write_text("Dear diary " * 100)
    failure = analyse(AnalysisJob(str(path), ()))
    assert isinstance(failure, JobFailure)
    assert failure.reason.startswith("not audio: ")


def test_the_time_limit_grows_with_the_file_up_to_a_bound() -> None:
    assert timeout_s(0) == 60
    assert 60 < timeout_s(1_000_000) < timeout_s(3_000_000) <= timeout_s(10**12)
    assert timeout_s(10**12) == 60 + 2 * LONGEST_S
    assert LONGEST_HEARD_S == LONGEST_S


async def test_a_worker_hears_what_this_process_hears(tmp_path: Path) -> None:
    path = write(tmp_path / "music.ogg", music())
    workers = Supervisor(TARGET, 1, preload=PRELOAD)
    try:
        job = AnalysisJob(str(path), (BUILTIN_MODEL,))
        theirs = await workers.run(job, timeout_s=timeout_s(path.stat().st_size))
    finally:
        await workers.close()
    ours = heard(path)
    assert theirs.descriptors == ours.descriptors
    vector = ours.embeddings[BUILTIN_MODEL]
    assert vector is not None
    assert np.allclose(theirs.embeddings[BUILTIN_MODEL], vector, atol=1e-4)


def modules_after(statement: str) -> set[str]:
    """What a fresh interpreter has loaded after a statement."""
    code = f"{statement}\nimport sys\nprint(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stderr == "", "importing is silent"
    return set(done.stdout.split())


def test_a_worker_loads_no_web_store_or_settings() -> None:
    loaded = modules_after(f"import {PRELOAD[0]}\nimport harmonie_daemon.workers.worker")
    ours = {name.split(".")[1] for name in loaded if name.startswith("harmonie_daemon.")}
    assert ours == {"analysis", "domain", "workers"}
    assert not loaded & {"aiohttp", "apsw", "pydantic", "apscheduler", "mutagen"}


def test_the_daemon_loads_no_decoder_and_no_essentia() -> None:
    loaded = modules_after(
        "import harmonie_daemon.analysis.job, harmonie_daemon.analysis.descriptors\n"
        "import harmonie_daemon.analysis.styles, harmonie_daemon.analysis.embeddings"
    )
    assert not loaded & {"av", "essentia", "soundfile"}
