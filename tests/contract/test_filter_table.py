"""Whatever has to do with filters is made from one table."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

from harmonie_daemon.domain.filter_fields import FILTER_NAMES

PROJECT = Path(__file__).parents[2]


def test_one_row_is_a_filter_everywhere(tmp_path: Path) -> None:
    """Tracks 1 to 4 have 1, 3, 5 onsets a second, and an unknown number of them."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.contract.made_up_filter", tmp_path],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "parser": "{'onsets': Range(low=2.0, high=4.0)}",
        "store": [2],
        "query": [2],
        "wrong query": "onsets='fast' is not a range; write 120..130, 120.., ..130 or 128",
        "body": [2],
        "wrong body": "filter.onset: is not known here; a misspelt member would do nothing",
        "command": [2],
        "wrong command": True,
        "document": ["Onsets a second."],
        "member": True,
    }


def test_every_filter_is_documented() -> None:
    text = (PROJECT / "docs/api/harmonie.md").read_text(encoding="utf-8")
    _, _, filters = text.partition("\n## Filters\n")
    section, _, _ = filters.partition("\n## ")
    assert set(re.findall(r"`([a-z_]+)`", section)) >= set(FILTER_NAMES)
