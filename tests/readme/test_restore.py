"""The restore of the README, line by line, with a real daemon in the place of the service."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

from tests.e2e.harness import Daemon
from tests.e2e.music import lay_out

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")

TRACKS = 3


def restore_lines() -> list[str]:
    block = README.partition("**Restore.**")[2].partition("```sh\n")[2].partition("```")[0]
    return block.splitlines()


def test_the_restore_of_the_readme_brings_the_library_back(tmp_path: Path) -> None:
    library = tmp_path / "music"
    lay_out(library, most=TRACKS)
    service = Daemon(tmp_path, [library])
    service.start()
    service.wait_idle()
    before = service.tracks()
    done = service.command("backup")
    assert done.returncode == 0, done.stderr
    (copy,) = (service.data_dir / "backups").iterdir()
    service.stop()
    damage(service.data_dir / "harmonie.db")
    refused = service.command("serve")
    assert refused.returncode == 4
    assert f"backups/{copy.name} of " in refused.stderr

    for line in restore_lines():
        if match := re.fullmatch("sudo systemctl (start|stop) harmonie", line):
            getattr(service, match[1])()
        else:
            subprocess.run(["bash", "-euc", here(line, service.data_dir, copy)], check=True)
    assert service.tracks() == before
    assert len(before) == TRACKS
    assert service.get("/api/v1/status")["db_path"] == str(service.data_dir / "harmonie.db")
    service.stop()


def here(line: str, data_dir: Path, copy: Path) -> str:
    """The line for this folder and this user."""
    line = re.sub(r"harmonie-\d{4}-\d\d-\d\dT\d{6}\.db", copy.name, line)
    line = line.replace("-o harmonie -g harmonie", f"-o {os.getuid()} -g {os.getgid()}")
    return line.removeprefix("sudo ").replace("/var/lib/harmonie", str(data_dir))


def damage(database: Path) -> None:
    """As a failing disk does it, with the leftovers of a write-ahead log beside."""
    content = bytearray(database.read_bytes())
    content[:8192] = os.urandom(8192)
    database.write_bytes(content)
    database.with_name("harmonie.db-wal").write_bytes(os.urandom(4096))
