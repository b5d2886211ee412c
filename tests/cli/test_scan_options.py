"""``harmonie scan --pause``, ``--resume`` and ``--cancel``."""

from __future__ import annotations

import argparse
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from harmonie_daemon.cli import commands, scan_words
from harmonie_daemon.cli.exits import CommandError, Exit
from harmonie_daemon.config import Settings
from harmonie_daemon.domain.task import ScanPhase, ScanStatus
from tests.servers import Daemon, daemon


def options(**chosen: bool) -> argparse.Namespace:
    usual = {"force": False, "pause": False, "resume": False, "cancel": False, "json": False}
    return argparse.Namespace(**{**usual, **chosen})


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[Daemon]:
    """A daemon that has left word where it can be reached, in the middle of a scan."""
    async with daemon(tmp_path) as served:
        (tmp_path / "daemon.json").write_text(json.dumps({"url": served.client.base}))
        served.scan.state = ScanStatus(
            "scanning", ScanPhase.EXTRACTING, to_do=10, full=3, to_embed=4, remaining_s=90.0
        )
        yield served


async def test_pause_resume_and_cancel_reach_the_daemon(
    running: Daemon, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = running.services.settings
    assert await commands.scan(settings, options(pause=True)) is Exit.DONE
    assert running.scan.state.paused
    assert await commands.scan(settings, options(resume=True)) is Exit.DONE
    assert not running.scan.state.paused
    assert capsys.readouterr().out.splitlines() == [
        "scan: extracting, 3 of 10, resting: None",
        "scan: extracting, 3 of 10, 5 a minute, 2 min left",
    ]
    assert await commands.scan(settings, options(cancel=True, json=True)) is Exit.DONE
    assert json.loads(capsys.readouterr().out)["state"] == "idle"


@pytest.mark.parametrize("order", ["pause", "resume", "cancel"])
async def test_without_a_daemon_there_is_nothing_to_steer(tmp_path: Path, order: str) -> None:
    settings = Settings(libraries=(tmp_path,), data_dir=tmp_path)
    with pytest.raises(CommandError, match=f"nothing to {order}"):
        await commands.scan(settings, options(**{order: True}))


def test_a_scan_that_rests_says_why_once(capsys: pytest.CaptureFixture[str]) -> None:
    state = {"paused": True, "paused_because": "quiet hours until 23:00"}
    with scan_words.scan_progress(quiet=True) as show:
        for _ in range(3):
            show(state)
        show({"paused": False})
    assert capsys.readouterr().err == "harmonie: the scan rests: quiet hours until 23:00\n"
