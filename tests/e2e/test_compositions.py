"""Compositions by the real daemon: killed, cancelled, two at once, on a full disk, as music."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.harness import Daemon, children_of, wait_until

COMMAND = (sys.executable, "-m", "harmonie_daemon")
ALL = "/api/v1/compositions"
SHORT, LONG = "5 seconds of happy pop", "three minutes of calm ambient music"


class Composer:
    """A daemon with an empty library, and what is asked of it here."""

    def __init__(self, folder: Path) -> None:
        self.library = folder / "music" / "Composed"
        self.library.parent.mkdir()
        self.daemon = Daemon(folder, [], compose_library=str(self.library), workers="1")
        self.folder = self.daemon.data_dir / "compositions"

    def begin(self, prompt: str, **wishes: Any) -> str:
        """The id of a composition that has been asked for."""
        return str(self.daemon.post(ALL, {"prompt": prompt, **wishes})["id"])

    def made(self, id_: str) -> dict[str, Any]:
        """The version of a composition."""
        return dict(self.daemon.get(f"{ALL}/{id_}")["made"])

    def until(self, id_: str, *states: str) -> dict[str, Any]:
        """The version, once it is in one of the states."""
        return dict(
            wait_until(
                lambda: (now := self.made(id_))["state"] in states and now,
                timeout_s=180,
                what=f"{states}",
            )
        )

    def compose(self, prompt: str = SHORT, **wishes: Any) -> str:
        """The id of one that is composed."""
        id_ = self.begin(prompt, **wishes)
        assert self.until(id_, "composed", "failed")["state"] == "composed"
        return id_

    def audio(self, id_: str) -> bytes:
        """Its sound."""
        with urllib.request.urlopen(f"{self.daemon.url}{ALL}/{id_}/audio", timeout=30) as answer:
            return bytes(answer.read())

    def delete(self, id_: str) -> int:
        """The status of giving it up."""
        request = urllib.request.Request(f"{self.daemon.url}{ALL}/{id_}", method="DELETE")
        with urllib.request.urlopen(request, timeout=30) as answer:
            return int(answer.status)

    def half_done(self) -> list[Path]:
        """Files that are being made."""
        return [path for path in (self.folder / ".making").rglob("*") if path.is_file()]

    def has_begun(self, id_: str) -> None:
        """Wait until there is something that could be left behind."""
        self.until(id_, "composing")
        wait_until(self.half_done, timeout_s=120, what="half a file")


@pytest.fixture
def composer(tmp_path: Path) -> Iterator[Composer]:
    running = Composer(tmp_path)
    running.daemon.start()
    yield running
    running.daemon.stop()


@pytest.mark.thorough
def test_a_kill_while_rendering_leaves_no_half_file_and_is_told(composer: Composer) -> None:
    kept = composer.compose(seed=5)
    before = composer.audio(kept)
    killed = composer.begin(LONG)
    composer.has_begun(killed)
    waiting = composer.begin(SHORT)
    workers = children_of(composer.daemon.pid)
    composer.daemon.signal(signal.SIGKILL)
    wait_until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in workers), what="their end")
    composer.daemon.start()
    for id_ in (killed, waiting):
        made = composer.made(id_)
        assert (made["state"], made["error"]) == ("failed", "interrupted by restart")
        assert made["files"] == []
    assert composer.half_done() == []
    assert {path.name for path in composer.folder.iterdir()} <= {kept, ".making", ".going"}
    assert composer.audio(kept) == before
    again = composer.compose(seed=5)
    assert composer.audio(again) == before


def test_cancelling_ends_the_worker_and_two_at_once_take_turns(composer: Composer) -> None:
    first, second = composer.begin(LONG), composer.begin(SHORT)
    composer.has_begun(first)
    assert composer.made(second)["state"] == "waiting"
    renderers = [pid for pid in children_of(composer.daemon.pid) if is_busy_with_sound(pid)]
    assert composer.delete(first) == 204
    wait_until(
        lambda: not any(Path(f"/proc/{pid}").exists() for pid in renderers),
        what="the end of the worker",
    )
    assert composer.until(second, "composed", "failed")["state"] == "composed"
    assert {path.name for path in composer.folder.iterdir()} <= {second, ".making", ".going"}
    assert composer.half_done() == []
    assert composer.daemon.request("GET", f"{ALL}/{first}")[0] == 404


def is_busy_with_sound(pid: int) -> bool:
    """Whether a process holds a file open that is being made."""
    try:
        links = [str(fd.readlink()) for fd in Path(f"/proc/{pid}/fd").iterdir()]
    except OSError:
        return False
    return any("/.making/" in link for link in links)


@pytest.mark.thorough
@pytest.mark.skipif(os.geteuid() != 0, reason="a small disk has to be mounted")
def test_a_full_disk_is_a_failure_with_the_reason(composer: Composer) -> None:
    composer.folder.mkdir(exist_ok=True)
    mounting = ["mount", "-t", "tmpfs", "-o", "size=3m", "none", str(composer.folder)]
    if subprocess.run(mounting, check=False, capture_output=True).returncode:
        pytest.skip("a small disk cannot be mounted here")
    try:
        failed = composer.begin("one minute of happy pop", format="wav")
        made = composer.until(failed, "composed", "failed")
        assert made["state"] == "failed"
        assert "No space left on device" in made["error"]
        assert str(composer.folder) not in made["error"]
        assert [path for path in composer.folder.rglob("*") if path.is_file()] == []
        fits = composer.compose()
        assert len(composer.audio(fits)) > 10_000
    finally:
        subprocess.run(["umount", "-l", str(composer.folder)], check=True)


@pytest.mark.thorough
def test_a_piece_in_the_library_is_heard_and_found(composer: Composer) -> None:
    composer.daemon.wait_idle()
    id_ = composer.compose("20 seconds of happy electronic music", title="Over the Fence")
    path = composer.made(id_)["library_path"]
    assert path.startswith(str(composer.library))
    track = wait_until(
        lambda: found_by_title(composer.daemon, "Over the Fence"), timeout_s=120, what="its track"
    )
    assert (track["path"], track["artist"]) == (path, "Harmonie")
    assert composer.delete(id_) == 204
    assert Path(path).exists()


def found_by_title(daemon: Daemon, title: str) -> Any:
    """The track, if there is one."""
    items = daemon.get("/api/v1/tracks")["items"]
    return next((item for item in items if item["title"] == title), None)


@pytest.mark.thorough
def test_the_command_writes_a_file_and_never_over_another(composer: Composer) -> None:
    here = composer.daemon.log.parent
    done = composer.daemon.command("compose", SHORT, "--seed", "5", "-o", "song.flac")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("song.flac: ")
    assert (here / "song.flac").read_bytes()[:4] == b"fLaC"
    first = (here / "song.flac").read_bytes()
    done = composer.daemon.command("compose", SHORT, "--seed", "6", "-o", "song.flac")
    assert done.returncode == 2
    assert "--force" in done.stderr
    assert (here / "song.flac").read_bytes() == first
    done = composer.daemon.command("compose", SHORT, "--seed", "6", "-o", "song.flac", "--force")
    assert done.returncode == 0
    assert (here / "song.flac").read_bytes() != first
    (here / "Song.mp3").write_text("somebody's own")
    done = composer.daemon.command("compose", SHORT, "--title", "Song")
    assert done.stdout.startswith("Song (2).mp3: ")
    assert (here / "Song.mp3").read_text() == "somebody's own"
    done = composer.daemon.command("compose", "x" * 3000)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("harmonie: ")
    assert not [path for path in here.iterdir() if path.name.startswith(".harmonie")]


@pytest.mark.thorough
def test_interrupting_the_command_gives_the_piece_up(composer: Composer) -> None:
    process = subprocess.Popen(
        [*COMMAND, "compose", LONG, "-o", "long.mp3"],
        env=composer.daemon.environment,
        cwd=composer.daemon.log.parent,
    )
    wait_until(composer.half_done, timeout_s=120, what="its beginning")
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=60) == 130
    assert composer.daemon.get(ALL)["total"] == 0
    assert composer.half_done() == []
    assert not (composer.daemon.log.parent / "long.mp3").exists()


@pytest.mark.thorough
def test_without_a_daemon_the_command_composes_by_itself(tmp_path: Path) -> None:
    alone = Composer(tmp_path)
    done = alone.daemon.command("compose", SHORT, "--title", "Alone", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["file"] == "Alone.mp3"
    whole = (tmp_path / "Alone.mp3").read_bytes()
    told = json.loads(done.stdout)["made"]["seed"]
    with (tmp_path / "out.mp3").open("wb") as out:
        subprocess.run(
            [*COMMAND, "compose", SHORT, "--seed", str(told), "--title", "Alone", "-o", "-"],
            env=alone.daemon.environment,
            stdout=out,
            check=True,
        )
    assert (tmp_path / "out.mp3").read_bytes() == whole
