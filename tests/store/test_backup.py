from __future__ import annotations

import asyncio
import stat
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from harmonie_daemon.domain.errors import StoreError
from harmonie_daemon.domain.track import Analysis, AudioFile, Descriptors, Tags
from harmonie_daemon.store import driver
from harmonie_daemon.store.backup import back_up, dated_name, prune
from harmonie_daemon.store.database import Database
from harmonie_daemon.store.tracks import Tracks
from tests.store.factories import make_vector


@pytest_asyncio.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    opened = await Database.open(tmp_path / "harmonie.db")
    yield opened
    await opened.close()


async def hear(tracks: Tracks, number: int) -> None:
    """One transaction: a track with a vector, as a scan writes it."""
    analysis = Analysis(180.0, Descriptors(bpm=120.0), 1, {"m": make_vector(number)})
    file = AudioFile("/music", f"{number:05}.flac", 1000, 1)
    await tracks.save(file, None, Tags(title=f"Track {number}"), analysis, ())


async def counts(path: Path) -> tuple[int, int, str]:
    """Tracks, their vectors, and what the integrity check says."""
    copy = await Database.open(path)
    try:
        return await copy.read(
            lambda connection: (
                connection.execute("SELECT count(*) FROM tracks").fetchone()[0],
                connection.execute("SELECT count(*) FROM embeddings").fetchone()[0],
                connection.pragma("integrity_check"),
            )
        )
    finally:
        await copy.close()


async def test_a_copy_made_while_tracks_are_written_holds_a_whole_number_of_them(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(driver, "COPIED_PAGES", 4)
    tracks, number = Tracks(database, lambda: 0.0), 0
    for number in range(1, 60):
        await hear(tracks, number)
    copying = asyncio.create_task(asyncio.to_thread(back_up, database.path, tmp_path / "copy.db"))
    while not copying.done():
        number += 1
        await hear(tracks, number)
    assert await copying
    assert number > 60, "it was written to meanwhile"
    in_copy, vectors, verdict = await counts(tmp_path / "copy.db")
    assert (vectors, verdict) == (in_copy, "ok")
    assert 59 <= in_copy < number


async def test_a_copy_is_one_private_file(database: Database, tmp_path: Path) -> None:
    copy = tmp_path / "new folder" / "copy.db"
    assert back_up(database.path, copy)
    assert [path.name for path in copy.parent.iterdir()] == ["copy.db"]
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600


async def test_nothing_is_overwritten(database: Database, tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("mine")
    with pytest.raises(StoreError, match="nothing is overwritten"):
        back_up(database.path, tmp_path / "precious")
    assert (tmp_path / "precious").read_text() == "mine"


def test_without_a_database_the_reason_is_said(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no database at"):
        back_up(tmp_path / "harmonie.db", tmp_path / "copy.db")
    assert list(tmp_path.iterdir()) == []


async def test_a_copy_that_is_broken_off_leaves_nothing(database: Database, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    assert not back_up(database.path, folder / "copy.db", stopped=lambda: True)
    assert list(folder.iterdir()) == []


async def test_a_full_disk_is_said_and_leaves_no_half_file(
    database: Database, tmp_path: Path
) -> None:
    await database.write(
        lambda connection: connection.execute("CREATE TABLE big AS SELECT zeroblob(9000000) AS b")
    )
    small = tmp_path / "small"
    small.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(small)]
    if subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("a small disk can be mounted by root alone")
    try:
        with pytest.raises(StoreError, match=r"the disk that holds .* is full; no copy was made"):
            back_up(database.path, small / "copy.db")
        assert list(small.iterdir()) == []
    finally:
        subprocess.run(["umount", str(small)], check=True)


def test_only_dated_backups_are_pruned_and_the_newest_stay(tmp_path: Path) -> None:
    names = [dated_name(1_700_000_000.0 + day * 86_400) for day in range(4)]
    for name in [*names, "my own.db", names[0] + ".txt"]:
        (tmp_path / name).touch()
    assert [path.name for path in prune(tmp_path, 2)] == names[:2]
    left = sorted(path.name for path in tmp_path.iterdir())
    assert left == sorted([*names[2:], "my own.db", names[0] + ".txt"])
