"""What is printed of a scan that has ended."""

from __future__ import annotations

from dataclasses import asdict

import pytest

from harmonie_daemon.cli.scan_words import scan_outcome
from harmonie_daemon.domain.task import ScanStatus


@pytest.mark.parametrize(
    ("status", "cancelled", "said"),
    [
        (ScanStatus(discovered=48, to_do=3, full=2, failed=1), False, "scan done: 48 files, 2 "),
        (ScanStatus(discovered=48, to_do=48, full=2), False, "scan was cancelled: 48 files, 2 "),
        (ScanStatus(discovered=48, to_do=48, full=2), True, "scan cancelled: 48 files, 2 "),
        (ScanStatus(state="error", to_do=48), False, "scan failed: 0 files, 0 "),
    ],
)
def test_a_scan_that_somebody_else_cancelled_is_not_done(
    capsys: pytest.CaptureFixture[str], status: ScanStatus, cancelled: bool, said: str
) -> None:
    state = asdict(status) | {"last_duration_sec": 1.0}
    scan_outcome(state, as_json=False, cancelled=cancelled)
    assert capsys.readouterr().out.startswith(said)
