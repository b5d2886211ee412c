from __future__ import annotations

import stat
from pathlib import Path

import pytest

from harmonie_daemon.domain.errors import StoreError
from harmonie_daemon.library import mounts as mounts_of_the_machine
from harmonie_daemon.store.database import Database


@pytest.fixture
def mounts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    listing = tmp_path / "mountinfo"
    monkeypatch.setattr(mounts_of_the_machine, "MOUNTINFO", listing)
    return listing


async def test_a_database_on_a_network_share_is_refused(tmp_path: Path, mounts: Path) -> None:
    mounts.write_text(f"40 22 0:35 / {tmp_path} rw - nfs4 nas:/export rw\n")
    with pytest.raises(StoreError, match=r"network file system \(nfs4\).*HARMONIE_DATA_DIR"):
        await Database.open(tmp_path / "harmonie.db")
    assert list(tmp_path.iterdir()) == [mounts]


async def test_a_system_that_does_not_tell_is_trusted(tmp_path: Path, mounts: Path) -> None:
    assert not mounts.exists()
    await (await Database.open(tmp_path / "harmonie.db")).close()


@pytest.mark.parametrize(("before", "after"), [(None, 0o640), (0o644, 0o640), (0o600, 0o600)])
async def test_other_users_may_not_read_who_listened_to_what(
    tmp_path: Path, before: int | None, after: int
) -> None:
    path = tmp_path / "harmonie.db"
    if before is not None:
        await (await Database.open(path)).close()
        path.chmod(before)
    database = await Database.open(path)
    await database.write(lambda connection: connection.execute("CREATE TABLE one (id)"))
    files = [one for one in tmp_path.iterdir() if one.suffix != ".lock"]
    assert {stat.S_IMODE(one.stat().st_mode) for one in files} == {after}
    assert len(files) == 3
    await database.close()
