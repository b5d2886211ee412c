"""What users of STALGIA's clients read says nothing of this machine."""

from __future__ import annotations

import pytest

from harmonie_daemon.api.stalgia.errors import public


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("/var/lib/harmonie/harmonie.db is locked", "… is locked"),
        ("/srv/my music, all of it/x.mid: no space left", "…: no space left"),
        ("cannot read '/srv/x/y.mid'", "cannot read '…'"),
        ("line 3: 1/8/2 makes no sense", "line 3: 1/8/2 makes no sense"),
        ("use 1/4 or 3/3840", "use 1/4 or 3/3840"),
        ("put that address into http://nas/a/b", "put that address into http://nas/a/b"),
        ("ask /generate for a piece first", "ask /generate for a piece first"),
    ],
)  # fmt: skip
def test_paths_are_left_out(text: str, shown: str) -> None:
    assert public(text) == shown
