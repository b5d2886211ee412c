from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from harmonie_daemon.analysis.decoding import LONGEST_S
from harmonie_daemon.analysis.descriptors import DESCRIPTOR_VERSION
from harmonie_daemon.analysis.embeddings import BUILTIN_MODEL
from harmonie_daemon.analysis.job import (
    HEARING,
    LONGEST_HEARD_S,
    AnalysisJob,
    JobFailure,
    ModelFailure,
    hear,
    timeout_s,
)
from harmonie_daemon.analysis.weights import EFFNET_MODEL
from harmonie_daemon.domain.track import Analysis, Descriptors
from harmonie_daemon.workers import Budget, Supervisor
from tests.analysis.sounds import music, sine, write
from tests.imports import modules_after
from tests.standins.build import build_tiny

STAGES = {"decode", "resample", "rhythm", "features", "key", "loudness", "danceability", "onsets"}


def heard(path: Path) -> Analysis:
    analysis = hear(AnalysisJob(str(path), (BUILTIN_MODEL,)))
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
    failure = hear(AnalysisJob(str(path), ()))
    assert isinstance(failure, JobFailure)
    assert failure.reason.startswith("not audio: ")


def test_the_time_limit_grows_with_the_file_up_to_a_bound() -> None:
    assert timeout_s(0) == 60
    assert 60 < timeout_s(1_000_000) < timeout_s(3_000_000) <= timeout_s(10**12)
    assert timeout_s(10**12) == 60 + 2 * LONGEST_S
    assert LONGEST_HEARD_S == LONGEST_S


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    """A folder with stand-ins under the published names."""
    folder = tmp_path / "weights"
    tiny = build_tiny(tmp_path / "tiny")
    folder.mkdir()
    shutil.copy(tiny.effnet_onnx, folder / "discogs-effnet-bsdynamic-1.onnx")
    shutil.copy(tiny.head_pb, folder / "genre_discogs400-discogs-effnet-1.pb")
    return folder


def test_both_models_listen_to_one_decode(tmp_path: Path, weights: Path) -> None:
    path = write(tmp_path / "music.flac", music())
    models = (EFFNET_MODEL, BUILTIN_MODEL)
    analysis = hear(AnalysisJob(str(path), models, str(weights)))
    assert isinstance(analysis, Analysis), analysis
    lengths = {name: len(each) for name, each in analysis.embeddings.items() if each is not None}
    assert lengths == {EFFNET_MODEL: 1280, BUILTIN_MODEL: 316}
    assert analysis.style_probabilities is not None
    assert analysis.style_probabilities.shape == (400,)
    alone = heard(path)
    vector, same = alone.embeddings[BUILTIN_MODEL], analysis.embeddings[BUILTIN_MODEL]
    assert vector is not None
    assert same is not None
    assert np.allclose(vector, same, atol=1e-6)
    assert alone.style_probabilities is None
    assert alone.descriptors == analysis.descriptors


@pytest.mark.parametrize("models", [(BUILTIN_MODEL,), (EFFNET_MODEL,), ()])
def test_without_descriptors_only_the_models_listen(
    tmp_path: Path, weights: Path, models: tuple[str, ...]
) -> None:
    path = write(tmp_path / "music.flac", music())
    analysis = hear(AnalysisJob(str(path), models, str(weights), descriptors=False))
    whole = hear(AnalysisJob(str(path), models, str(weights)))
    assert isinstance(analysis, Analysis)
    assert isinstance(whole, Analysis)
    assert analysis.descriptors == Descriptors()
    assert analysis.descriptor_version == 0
    assert not analysis.features
    assert set(analysis.stage_cpu_s) <= {"decode", "resample", *models}
    assert analysis.duration_s == whole.duration_s
    for name in models:
        ours, theirs = analysis.embeddings[name], whole.embeddings[name]
        assert ours is not None
        assert theirs is not None
        assert np.allclose(ours, theirs, atol=1e-6)


def test_missing_weights_are_no_fault_of_the_file(tmp_path: Path) -> None:
    path = write(tmp_path / "music.flac", music(4.0))
    failure = hear(AnalysisJob(str(path), (BUILTIN_MODEL, EFFNET_MODEL), str(tmp_path)))
    assert isinstance(failure, ModelFailure)
    assert failure.model == EFFNET_MODEL
    assert "discogs-effnet-bsdynamic-1.onnx is not in" in failure.reason


def test_an_unknown_model_is_no_fault_of_the_file() -> None:
    failure = hear(AnalysisJob("never opened.flac", ("nonsense",)))
    assert failure == ModelFailure("nonsense", failure.reason)
    assert "no embedding model is named" in failure.reason


async def test_damaged_weights_do_not_end_a_worker(tmp_path: Path, weights: Path) -> None:
    (weights / "discogs-effnet-bsdynamic-1.onnx").write_bytes(b"\0" * 10_000)
    path = write(tmp_path / "music.flac", music(4.0))
    workers = Supervisor(HEARING, Budget(1))
    try:
        job = AnalysisJob(str(path), (EFFNET_MODEL,), str(weights))
        failure = await workers.run(job, timeout_s=60)
    finally:
        await workers.close()
    assert isinstance(failure, ModelFailure)
    assert "cannot be loaded" in failure.reason


async def test_a_worker_hears_what_this_process_hears(tmp_path: Path) -> None:
    path = write(tmp_path / "music.ogg", music())
    workers = Supervisor(HEARING, Budget(1))
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


def test_a_worker_loads_no_web_store_or_settings() -> None:
    loaded = modules_after(f"import {HEARING.preload[0]}\nimport harmonie_daemon.workers.worker")
    ours = {name.split(".")[1] for name in loaded if name.startswith("harmonie_daemon.")}
    assert ours == {"analysis", "domain", "workers"}
    assert not loaded & {"aiohttp", "apsw", "pydantic", "apscheduler", "mutagen", "onnxruntime"}


def test_the_daemon_loads_no_decoder_and_no_essentia() -> None:
    loaded = modules_after(
        "import harmonie_daemon.analysis.job, harmonie_daemon.analysis.descriptors\n"
        "import harmonie_daemon.analysis.styles, harmonie_daemon.analysis.embeddings\n"
        "import harmonie_daemon.analysis.weights"
    )
    assert not loaded & {"av", "essentia", "soundfile", "onnxruntime"}
