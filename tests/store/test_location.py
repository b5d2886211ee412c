from __future__ import annotations

from pathlib import Path

import pytest

from harmonie_daemon.domain.errors import StoreError
from harmonie_daemon.store import location
from harmonie_daemon.store.database import Database
from harmonie_daemon.store.location import file_system_of

MOUNTS = r"""
22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
40 22 0:35 / /mnt/nas rw,relatime shared:20 - nfs4 nas:/export rw,vers=4.2
41 40 8:2 / /mnt/nas/local rw,relatime - xfs /dev/sdb1 rw
42 22 0:36 / /mnt/my\040music rw master:1 - cifs //nas/music rw
43 22 0:37 / /mnt/user rw - fuse.shfs shfs rw
44 22 0:38 / /twice rw - nfs nas:/twice rw
45 22 0:39 / /twice rw - tmpfs tmpfs rw
garbage
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/", "ext4"),
        ("/var/lib/harmonie", "ext4"),
        ("/mnt/nas", "nfs4"),
        ("/mnt/nas/data", "nfs4"),
        ("/mnt/nas2", "ext4"),
        ("/mnt/nas/local/data", "xfs"),
        ("/mnt/my music/x", "cifs"),
        ("/mnt/user/appdata", "fuse.shfs"),
        ("/twice/x", "tmpfs"),
    ],
)
def test_the_deepest_mount_decides(path: str, kind: str) -> None:
    assert file_system_of(path, MOUNTS) == kind


def test_no_mount_is_no_answer() -> None:
    assert file_system_of("/x", "") is None


@pytest.fixture
def mounts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    listing = tmp_path / "mountinfo"
    monkeypatch.setattr(location, "_MOUNTS", listing)
    return listing


async def test_a_database_on_a_network_share_is_refused(tmp_path: Path, mounts: Path) -> None:
    mounts.write_text(f"40 22 0:35 / {tmp_path} rw - nfs4 nas:/export rw\n")
    with pytest.raises(StoreError, match=r"network file system \(nfs4\).*HARMONIE_DATA_DIR"):
        await Database.open(tmp_path / "harmonie.db")
    assert list(tmp_path.iterdir()) == [mounts]


async def test_a_system_that_does_not_tell_is_trusted(tmp_path: Path, mounts: Path) -> None:
    assert not mounts.exists()
    await (await Database.open(tmp_path / "harmonie.db")).close()
