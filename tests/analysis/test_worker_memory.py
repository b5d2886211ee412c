from __future__ import annotations

import os
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from harmonie_daemon.analysis.embeddings import BUILTIN_MODEL
from harmonie_daemon.analysis.job import HEARING, AnalysisJob
from harmonie_daemon.analysis.weights import EFFNET_MODEL
from harmonie_daemon.workers import Budget, Supervisor
from tests.analysis.sounds import RATE, music
from tests.standins.build import build_full

MOST_BYTES = 400 * 2**20


@pytest.mark.library
@pytest.mark.skipif(
    not os.environ.get("HARMONIE_TEST_LIBRARY"), reason="takes long; .ci/run runs it"
)
async def test_ten_minutes_fit_into_400_mb_even_the_second_time(tmp_path: Path) -> None:
    networks = build_full(tmp_path / "networks")
    shutil.copy(networks.effnet_onnx, tmp_path / "discogs-effnet-bsdynamic-1.onnx")
    shutil.copy(networks.head_pb, tmp_path / "genre_discogs400-discogs-effnet-1.pb")
    long = tmp_path / "long.wav"
    minute = np.tile(music(12.0), 5)
    with soundfile.SoundFile(long, "w", RATE, 2, subtype="PCM_16") as file:
        for _ in range(10):
            file.write(np.stack([minute, minute], axis=1))
    workers = Supervisor(
        replace(HEARING, target="tests.analysis.memory_probe:peak_bytes"), Budget(1)
    )
    try:
        for models in ((EFFNET_MODEL,), (BUILTIN_MODEL, EFFNET_MODEL)):
            job = AnalysisJob(str(long), models, str(tmp_path))
            peak = await workers.run(job, timeout_s=300)
            assert peak <= MOST_BYTES, models
    finally:
        await workers.close()
