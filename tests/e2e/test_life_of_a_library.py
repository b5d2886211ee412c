"""One library through the life of a real daemon: interrupted, killed, changed under its eyes."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.e2e.harness import Daemon, wait_until
from tests.e2e.music import audio_files

CHANGE_SHOWS_WITHIN_S = 30.0


def test_after_sigterm_and_sigkill_every_track_is_there_once(daemon: Daemon, library: Path) -> None:
    assert sorted(daemon.tracks()) == [str(path) for path in audio_files(library)]
    assert daemon.get("/api/v1/scan")["failed"] == 0


def test_a_second_scan_analyses_nothing(daemon: Daemon, library: Path) -> None:
    daemon.post("/api/v1/scan")
    state = daemon.wait_idle()
    found = len(audio_files(library))
    assert (state["full"], state["failed"], state["skipped"]) == (0, 0, found)


def test_every_track_has_neighbours_and_a_playlist(daemon: Daemon) -> None:
    for track in list(daemon.tracks().values())[:3]:
        matches = daemon.get(f"/api/v1/tracks/{track['id']}/similar", limit=5)["matches"]
        assert len(matches) == 5
        scores = [match["score"] for match in matches]
        assert scores == sorted(scores, reverse=True)
        assert track["id"] not in [match["track_id"] for match in matches]
        for mode in ("similar", "drift"):
            body = {"mode": mode, "seeds": [track["id"]], "n": 6}
            items = daemon.post("/api/v1/playlists", body)["items"]
            assert len({item["track_id"] for item in items}) == len(items) == 6


def test_playlists_appear_by_themselves_as_files(daemon: Daemon) -> None:
    folder = daemon.data_dir / "playlists"
    wait_until(lambda: len(list(folder.glob("*.m3u8"))) >= 2, what="the first playlists")
    for playlist in folder.glob("*.m3u8"):
        lines = playlist.read_text(encoding="utf-8").splitlines()
        assert lines[0] == "#EXTM3U"
        entries = [line for line in lines if line and not line.startswith("#")]
        assert len(entries) >= 5
        for entry in entries:
            assert not entry.startswith("/")
            assert (folder / entry).is_file()


def test_another_player_has_them_as_it_wants_them(daemon: Daemon) -> None:
    ours, theirs = daemon.data_dir / "playlists", daemon.data_dir.parent / "kodi"
    names = {path.stem for path in ours.glob("*.m3u8")}
    wait_until(
        lambda: names <= {path.stem for path in theirs.glob("*.m3u")}, what="the other folder"
    )
    for playlist in theirs.iterdir():
        lines = playlist.read_text(encoding="utf-8").splitlines()
        entries = [line for line in lines if line and not line.startswith("#")]
        assert entries
        assert all(entry.startswith("/") and Path(entry).is_file() for entry in entries)


def test_a_new_file_is_heard(daemon: Daemon, library: Path, held_back: Path) -> None:
    new = library / "new" / held_back.name
    new.parent.mkdir()
    copy_slowly(held_back, new)
    wait_until(
        lambda: str(new) in daemon.tracks(), timeout_s=CHANGE_SHOWS_WITHIN_S, what="the new track"
    )
    daemon.wait_idle()
    assert daemon.get("/api/v1/scan")["failed"] == 0


def copy_slowly(source: Path, destination: Path) -> None:
    """Write a file in pieces, as a copy over the network does."""
    data = source.read_bytes()
    with destination.open("wb") as stream:
        for start in range(0, len(data), len(data) // 4):
            stream.write(data[start : start + len(data) // 4])
            stream.flush()
            os.fsync(stream.fileno())
            subprocess.run(["sleep", "0.3"], check=True)


def test_a_moved_file_keeps_its_id(daemon: Daemon, library: Path) -> None:
    old = audio_files(library)[0]
    before = daemon.tracks()[str(old)]
    new = library / "elsewhere" / f"renamed{old.suffix}"
    new.parent.mkdir()
    old.rename(new)
    after = wait_until(
        lambda: daemon.tracks().get(str(new)), timeout_s=CHANGE_SHOWS_WITHIN_S, what="the move"
    )
    assert after["id"] == before["id"]
    assert str(old) not in daemon.tracks()


def test_a_moved_folder_keeps_its_ids(daemon: Daemon, library: Path) -> None:
    folder = audio_files(library)[1].parent
    before = {p: t["id"] for p, t in daemon.tracks().items() if Path(p).parent == folder}
    new = folder.with_name(f"{folder.name} (renamed)")
    folder.rename(new)
    expected = {str(new / Path(path).name): id_ for path, id_ in before.items()}

    def arrived() -> bool:
        now = {path: track["id"] for path, track in daemon.tracks().items()}
        return expected.items() <= now.items() and not before.keys() & now.keys()

    wait_until(arrived, timeout_s=CHANGE_SHOWS_WITHIN_S, what="the moved folder")


def test_a_file_that_becomes_unreadable_leaves_and_returns_with_its_id(
    daemon: Daemon, library: Path
) -> None:
    victim = audio_files(library)[-1]
    before = daemon.tracks()[str(victim)]
    whole = victim.read_bytes()
    victim.write_bytes(b"this is no music any more " * 100)
    wait_until(
        lambda: str(victim) not in daemon.tracks(),
        timeout_s=CHANGE_SHOWS_WITHIN_S,
        what="the failure",
    )
    daemon.wait_idle()
    failures = dict(map(tuple, daemon.get("/api/v1/scan")["recent_failures"]))
    assert failures[str(victim)]
    daemon.post("/api/v1/scan")
    assert daemon.wait_idle()["failed"] == 0, "a file known to be broken was tried again"
    victim.write_bytes(whole)
    after = wait_until(
        lambda: daemon.tracks().get(str(victim)), timeout_s=CHANGE_SHOWS_WITHIN_S, what="the return"
    )
    assert after["id"] == before["id"]


def test_a_removed_file_goes(daemon: Daemon, library: Path) -> None:
    victim = audio_files(library)[-1]
    gone = daemon.tracks()[str(victim)]["id"]
    victim.unlink()
    wait_until(
        lambda: str(victim) not in daemon.tracks(),
        timeout_s=CHANGE_SHOWS_WITHIN_S,
        what="the removal",
    )
    assert daemon.request("GET", f"/api/v1/tracks/{gone}")[0] == 404


def test_a_library_that_vanishes_keeps_its_tracks(daemon: Daemon, library: Path) -> None:
    before = {path: track["id"] for path, track in daemon.tracks().items()}
    away = library.with_name("unmounted")
    library.rename(away)
    try:
        daemon.post("/api/v1/scan")
        daemon.wait_idle()
        assert {path: track["id"] for path, track in daemon.tracks().items()} == before
    finally:
        away.rename(library)
    daemon.post("/api/v1/scan")
    assert daemon.wait_idle()["full"] == 0


def test_the_commands_answer_through_the_daemon(daemon: Daemon) -> None:
    path, track = next(iter(daemon.tracks().items()))
    similar = daemon.command("similar", path, "--json")
    assert similar.returncode == 0, similar.stderr
    assert f'"query_id": {track["id"]}' in similar.stdout
    assert daemon.command("similar", str(track["id"])).returncode == 0
    status = daemon.command("status")
    assert status.returncode == 0, status.stderr
    assert "running" in status.stdout
    assert daemon.command("playlist", str(track["id"]), "-n", "5").returncode == 0
    assert daemon.command("playlist", "--filter", "bpm=40..250", "-n", "5").returncode == 0
    assert daemon.command("similar", "nobody - nothing").returncode == 3
    assert daemon.command("playlist", "--filter", "bpm=fast").returncode == 2
    assert daemon.command("scan").returncode == 0
    push = daemon.command("push")
    assert push.returncode == 0, push.stdout + push.stderr


@pytest.mark.thorough
def test_the_commands_answer_without_a_daemon(daemon: Daemon) -> None:
    count = len(daemon.tracks())
    daemon.stop()
    try:
        status = daemon.command("status")
        assert status.returncode == 0, status.stderr
        assert "not running" in status.stdout
        assert str(count) in status.stdout
        assert daemon.command("scan", "--json").returncode == 0
        assert daemon.command("push").returncode == 0
    finally:
        daemon.start()


def test_a_second_daemon_is_turned_away_in_one_line(daemon: Daemon) -> None:
    second = daemon.command("serve")
    assert second.returncode == 1
    complaints = [line for line in second.stderr.splitlines() if " INFO " not in line]
    assert len(complaints) == 1, second.stderr
    assert "harmonie.db" in second.stderr
    assert daemon.get("/health") == {"status": "ok"}
