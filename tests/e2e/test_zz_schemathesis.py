"""Generated requests against the running daemon, for every operation of the document."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.harness import Daemon

KEY = "a key for this test"
SCHEMATHESIS = os.environ.get("HARMONIE_TEST_SCHEMATHESIS")
CONFIG = Path(__file__).parents[1] / "contract" / "schemathesis.toml"

pytestmark = pytest.mark.skipif(
    not SCHEMATHESIS, reason="needs schemathesis: .ci/run installs it in an environment of its own"
)


@pytest.fixture
def locked(daemon: Daemon) -> Iterator[Daemon]:
    """The daemon with a key, so that the rules about keys are tried too, and without limits."""
    settings = {"api_key": KEY, "rate_limit_per_hour": "0", "rate_limit_per_minute": "0"}
    daemon.stop()
    daemon.start(**settings)
    daemon.wait_idle()
    yield daemon
    daemon.stop()
    for name in settings:
        del daemon.environment[f"HARMONIE_{name.upper()}"]
    daemon.start()


def test_no_generated_request_breaks_the_contract(locked: Daemon, tmp_path: Path) -> None:
    done = subprocess.run(
        [
            str(SCHEMATHESIS),
            "--config-file",
            str(CONFIG),
            "run",
            f"{locked.url}/openapi.json",
            f"--header=X-API-Key: {KEY}",
            "--seed=20261120",
            "--max-examples=60",
            "--generation-database=none",
        ],
        capture_output=True,
        text=True,
        timeout=900,
        cwd=tmp_path,
        check=False,
    )
    print(done.stdout[-3000:])
    assert done.returncode == 0, done.stdout[-6000:]
    assert locked.get("/health") == {"status": "ok"}
