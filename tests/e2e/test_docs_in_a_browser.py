"""/docs, opened by a real browser: everything is shown, and nothing beyond the daemon is asked."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.harness import Daemon

CHROMIUM = shutil.which("chromium")
pytestmark = pytest.mark.skipif(not CHROMIUM, reason="needs chromium: .ci/run installs it")

QUIET = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)


def browse(url: str, folder: Path) -> tuple[str, dict[str, str]]:
    """The page's document once its scripts have run, and every address it asked for."""
    log = folder / "net.json"
    arguments = [f"--user-data-dir={folder / 'profile'}", f"--log-net-log={log}"]
    page = subprocess.run(
        [str(CHROMIUM), *QUIET, *arguments, "--virtual-time-budget=15000", "--dump-dom", url],
        capture_output=True,
        text=True,
        timeout=90,
        check=True,
    )
    return page.stdout, requested(json.loads(log.read_text(encoding="utf-8")))


def requested(log: Any) -> dict[str, str]:
    """Address to initiator of the requests in a Chromium net log.

    What the browser asks for its own sake (time, updates) has no page as initiator.
    """
    started = log["constants"]["logEventTypes"]["URL_REQUEST_START_JOB"]
    return {
        event["params"]["url"]: str(event["params"].get("initiator"))
        for event in log["events"]
        if event["type"] == started and "url" in event.get("params", {})
    }


def test_every_operation_is_rendered_and_nothing_foreign_is_loaded(
    daemon: Daemon, tmp_path: Path
) -> None:
    page, addresses = browse(f"{daemon.url}/docs", tmp_path)
    contract = daemon.get("/openapi.json")
    for path in contract["paths"]:
        assert f'data-path="{path}"' in page, path
    assert contract["info"]["title"] in page
    by_the_page = {url for url, initiator in addresses.items() if initiator == daemon.url}
    assert len(by_the_page) >= 3, addresses
    assert all(url.startswith(f"{daemon.url}/") for url in by_the_page)
