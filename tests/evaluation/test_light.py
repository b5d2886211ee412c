"""What a worker loads for an evaluation before it hears anything."""

from __future__ import annotations

import pytest

from harmonie_daemon.evaluation import baselines, transcoding
from tests.imports import modules_after


@pytest.mark.parametrize("target", [baselines.TARGET, transcoding.TARGET])
def test_a_job_loads_no_store_settings_or_command(target: str) -> None:
    loaded = modules_after(f"import {target.partition(':')[0]}")
    ours = {name.split(".")[1] for name in loaded if name.startswith("harmonie_daemon.")}
    assert ours <= {"analysis", "domain", "evaluation", "workers"}
    assert not loaded & {"aiohttp", "apsw", "pydantic", "rich", "av", "essentia", "scipy"}
