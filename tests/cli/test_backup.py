"""``harmonie backup`` as its own process, beside one that has the database open."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from harmonie_daemon.store.database import Database


@pytest.fixture
async def in_use(tmp_path: Path) -> AsyncIterator[Path]:
    """A data folder whose database somebody holds."""
    database = await Database.open(tmp_path / "data" / "harmonie.db")
    yield tmp_path / "data"
    await database.close()


def harmonie(data_dir: Path, *words: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "harmonie_daemon", "backup", *map(str, words)]
    environment = {"HARMONIE_DATA_DIR": str(data_dir), "PATH": "/usr/bin:/bin"}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


async def test_a_copy_is_made_while_the_database_is_in_use_and_restores(
    in_use: Path, tmp_path: Path
) -> None:
    done = harmonie(in_use, tmp_path / "copy.db", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["bytes"] == (tmp_path / "copy.db").stat().st_size
    restored = tmp_path / "elsewhere" / "harmonie.db"
    restored.parent.mkdir()
    (tmp_path / "copy.db").rename(restored)
    database = await Database.open(restored)
    await database.close()


async def test_by_default_copies_are_dated_and_the_newest_are_kept(in_use: Path) -> None:
    folder = in_use / "backups"
    folder.mkdir()
    (folder / "harmonie-2020-01-01T000000.db").touch()
    done = harmonie(in_use, "--keep", 1)
    assert done.returncode == 0
    (left,) = folder.iterdir()
    assert left.stat().st_size > 0
    assert "removed" in done.stdout


async def test_bad_wishes_are_refused_and_nothing_is_lost(in_use: Path, tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.write_text("mine")
    taken = harmonie(in_use, precious)
    assert (taken.returncode, precious.read_text()) == (1, "mine")
    assert "nothing is overwritten" in taken.stderr
    assert harmonie(in_use, tmp_path / "new.db", "--keep", 2).returncode == 2
    assert harmonie(in_use, "--keep", 0).returncode == 2
    nowhere = harmonie(tmp_path / "nowhere", tmp_path / "new.db")
    assert (nowhere.returncode, "no database" in nowhere.stderr) == (1, True)
    assert not (tmp_path / "nowhere").exists()
