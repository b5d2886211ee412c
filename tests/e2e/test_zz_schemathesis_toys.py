"""Generated requests against two toy families, for everything that the toolkit can declare."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from harmonie_daemon.web.auth import AccessRules
from tests.servers import serving
from tests.web.two_families import two_families

KEY = "a key for this test"
SCHEMATHESIS = os.environ.get("HARMONIE_TEST_SCHEMATHESIS")
CONFIG = """
[[operations]]  # the body that stands for "none at all"
include-name = "POST /shared/things"
checks.positive_data_acceptance.expected-statuses = ["2xx", "409"]
"""
GIVEN_UP_S = 600

pytestmark = pytest.mark.skipif(
    not SCHEMATHESIS, reason="needs schemathesis: .ci/run installs it in an environment of its own"
)


async def test_no_generated_request_breaks_the_contract_of_two_families(tmp_path: Path) -> None:
    for number in range(50):
        (tmp_path / f"{number}.wav").write_bytes(b"x" * 2000)
    (tmp_path / "schemathesis.toml").write_text(CONFIG, encoding="utf-8")
    app, deps = two_families(tmp_path, AccessRules(KEY, ("127.0.0.1",)))
    deps.never.set()
    async with serving(app) as client:
        process = await asyncio.create_subprocess_exec(
            str(SCHEMATHESIS),
            "--config-file",
            str(tmp_path / "schemathesis.toml"),
            "run",
            f"{client.base}/openapi.json",
            f"--header=X-API-Key: {KEY}",
            "--seed=20261125",
            "--max-examples=40",
            "--generation-database=none",
            cwd=tmp_path,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        async with asyncio.timeout(GIVEN_UP_S):
            out, _ = await process.communicate()
    assert process.returncode == 0, out.decode()[-6000:]
