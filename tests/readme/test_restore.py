"""The restore of the README, line by line, with a real daemon in the place of the service."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from pathlib import Path

import pytest

from tests.e2e.harness import Daemon, wait_until
from tests.e2e.music import lay_out

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")

TRACKS = 3


def restore_lines() -> list[str]:
    block = README.partition("**Restore.**")[2].partition("```sh\n")[2].partition("```")[0]
    return block.splitlines()


@pytest.mark.thorough
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
    Path(min(before)).unlink()
    wait_until(lambda: len(service.tracks()) == TRACKS - 1, what="a change after the backup")
    service.signal(signal.SIGKILL)
    database, log = service.data_dir / "harmonie.db", service.data_dir / "harmonie.db-wal"
    changes = log.read_bytes()
    assert changes
    log.unlink()
    database.write_bytes(os.urandom(database.stat().st_size))
    service.environment |= {"HARMONIE_SCAN_ON_STARTUP": "false", "HARMONIE_WATCH": "false"}
    refused = service.command("serve", timeout_s=60)
    assert refused.returncode == 4, refused.stderr
    log.write_bytes(changes)  # which the copy would take for its own
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
