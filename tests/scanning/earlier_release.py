"""A library as an earlier release left it behind: its database, and the sounds it had heard.

``earlier_release.db.gz`` was written by commit c75051a, whose built-in model was timbre316-1:

    python -m tests.scanning.earlier_release        # in a checkout of that commit
"""

from __future__ import annotations

import asyncio
import gzip
import os
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

from harmonie_daemon.app import open_core
from harmonie_daemon.config import Settings
from tests.analysis.sounds import Sound, chords, clicks, music, sine, write

DATABASE = Path(__file__).with_name("earlier_release.db.gz")
WRITTEN_AT = 1_700_000_000


def sounds() -> dict[str, Sound]:
    """By file name; the last two have no vector, being silent and too short."""
    return {
        "music.flac": music(4.0),
        "longer.flac": music(7.0),
        "major.flac": chords(4.0, (48, 4), (53, 4), (55, 4)),
        "minor.flac": chords(4.0, (50, 3), (55, 3), (57, 3)),
        "slow.flac": clicks(70, 5.0),
        "fast.flac": clicks(160, 5.0),
        "tone.flac": sine(440, 4.0),
        "silent.flac": sine(440, 4.0, level=0),
        "short.flac": music(2.0),
    }


def unpack(folder: Path) -> Path:
    """The database in ``folder``, where a daemon with that data folder finds it."""
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / "harmonie.db"
    with gzip.open(DATABASE) as packed, target.open("wb") as file:
        shutil.copyfileobj(packed, file)
    return target


async def _write(folder: Path) -> None:
    library = folder / "music"
    library.mkdir()
    for name, sound in sounds().items():
        os.utime(write(library / name, sound), (WRITTEN_AT, WRITTEN_AT))
    async with open_core(Settings(libraries=(library,), data_dir=folder, workers=1)) as core:
        await core.scan.start()
        status = await core.scan.wait()
        assert status.full == len(sounds()), status
    packed = gzip.compress((folder / "harmonie.db").read_bytes(), mtime=0)
    DATABASE.write_bytes(packed)


if __name__ == "__main__":
    with TemporaryDirectory() as made:
        asyncio.run(_write(Path(made)))
