"""The AudioMuse-AI API of the real daemon, on the port of its document: its examples, and what a
process that is killed leaves behind.

One daemon and one (stand-in) Jellyfin; two albums are on disk and one is only at the server.
"""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.harness import Daemon, usual_port, wait_until
from tests.e2e.music import TRACKS_PER_ALBUM, synthesise_album

NOBODY = "a1b2c3d4-e5f6-7890-1234-567890abcdef"
INTERRUPTED = "Task failed: interrupted by restart"
FINAL = ("SUCCESS", "FAILURE", "REVOKED")


class Scene:
    """The daemon, asked at the document's port, and what the server's owner may do."""

    def __init__(self, daemon: Daemon, jellyfin: dict[str, Any]) -> None:
        self.daemon = daemon
        self.jellyfin = jellyfin
        daemon.start()
        self._ask_there()

    def _ask_there(self) -> None:
        self.daemon.url = "http://" + self.daemon.environment["HARMONIE_ALSO_LISTEN"]

    def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Status and answer."""
        return self.daemon.request(method, path, body)

    def start(self, what: str, **body: Any) -> str:
        """Ask for a task; its id."""
        status, answer = self.ask("POST", f"/api/{what}/start", body)
        assert status == 202, answer
        assert set(answer) == {"task_id", "task_type", "status"}
        assert (answer["task_type"], answer["status"]) == (f"main_{what}", "queued")
        return str(answer["task_id"])

    def status(self, task: str) -> Any:
        """How it stands."""
        code, answer = self.ask("GET", f"/api/status/{task}")
        assert code == 200, answer
        return answer

    def until(self, task: str, detail: str = "") -> Any:
        """Its status once it has ended, or as soon as it tells such a detail."""

        def reached() -> Any:
            now = self.status(task)
            return (now["state"] in FINAL or (detail and now["details"].get(detail))) and now

        return wait_until(reached, timeout_s=240, what=f"{detail or 'the end'} of {task}")

    def kill(self) -> None:
        """The daemon dies in the middle of it, and is started again."""
        self.daemon.signal(signal.SIGKILL)
        self.daemon.start()
        self._ask_there()

    def control(self, path: str, body: Any = None) -> Any:
        """What a person at the server does, or what befalls it."""
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        url = f"{self.jellyfin['url']}/_control/{path}"
        with urllib.request.urlopen(urllib.request.Request(url, data, headers)) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def hold(self, path: str) -> None:
        """The server never answers the next request for such a path."""
        self.control("faults", {"armed": [{"method": "GET", "path": path, "hold": True}]})

    def let_go(self) -> None:
        """The server is well."""
        self.control("faults", {})


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    folder = tmp_path_factory.mktemp("muse")
    music = folder / "music"
    synthesise_album(music / "here", "Saw Teeth", "Edges", 110.0, 8)
    synthesise_album(music / "here", "Quiet Water", "Ripples", 220.0, 2)
    synthesise_album(music / "there", "Far Away", "Distance", 330.0, 4)
    server = subprocess.Popen(
        [
            sys.executable, "-m", "tests.mediaservers.fake_jellyfin",
            "--library", str(music), "--seen-as", "/data/music",
        ],
        stdout=subprocess.PIPE,
        text=True,
    )  # fmt: skip
    assert server.stdout is not None
    jellyfin = json.loads(server.stdout.readline())
    daemon = Daemon(
        folder,
        [music / "here"],
        scan_on_startup="false",
        scan_watch="false",
        default_playlists="false",
        also_listen=f"127.0.0.1:{usual_port(8000)}",
        jellyfin_url=jellyfin["url"],
        jellyfin_token=jellyfin["api_key"],
        jellyfin_user="alice",
    )
    with server:
        try:
            yield Scene(daemon, jellyfin)
            daemon.stop()
        finally:
            server.kill()


def test_before_anything(scene: Scene) -> None:
    assert scene.ask("GET", "/api/active_tasks") == (200, {})
    assert scene.ask("GET", "/api/playlists") == (200, {})
    assert scene.ask("GET", "/api/last_task") == (
        200,
        {
            "task_id": None,
            "task_type": None,
            "status": "NO_PREVIOUS_MAIN_TASK",
            "details": {"log": ["No previous main task found."]},
        },
    )
    code, shown = scene.ask("GET", "/api/config")
    assert code == 200
    assert shown["jellyfin_token"] == "********"
    assert shown["jellyfin_url"] == scene.jellyfin["url"]


def test_killed_while_the_server_is_asked_and_another_waits(scene: Scene) -> None:
    scene.hold("/Items")
    asking = scene.start("analysis")
    wait_until(
        lambda: scene.status(asking)["status_message"] == "Fetching recent albums.",
        what="the question",
    )
    waiting = scene.start("clustering")
    assert scene.status(waiting)["state"] == "QUEUED"
    scene.let_go()
    scene.kill()
    for task in (asking, waiting):
        ended = scene.status(task)
        assert (ended["state"], ended["status_message"]) == ("FAILURE", INTERRUPTED)
        assert ended["progress"] == 100
        assert "album_task_ids" not in ended["details"]
    assert scene.ask("GET", "/api/active_tasks") == (200, {})
    assert scene.ask("GET", "/api/last_task")[1]["task_id"] == waiting


def test_killed_while_an_album_is_heard_it_goes_on_where_it_was(scene: Scene) -> None:
    scene.hold("/Items/.*/Download")
    task = scene.start("analysis", num_recent_albums=0)
    wait_until(
        lambda: scene.status(task)["details"].get("successful_albums") == 2,
        timeout_s=240,
        what="the albums that are here",
    )
    (running,) = (
        part
        for part in scene.status(task)["details"]["album_task_ids"]
        if scene.status(part)["state"] == "PROGRESS"
    )
    scene.let_go()
    scene.kill()
    for ended in (scene.status(task), scene.status(running)):
        assert (ended["state"], ended["status_message"]) == ("FAILURE", INTERRUPTED)
    assert list((scene.daemon.data_dir / "downloads").glob("*")) == []
    again = scene.until(scene.start("analysis", num_recent_albums=0))
    assert again["state"] == "SUCCESS", again
    assert again["details"]["total_tracks_analyzed"] == TRACKS_PER_ALBUM
    assert again["details"]["tracks_skipped"] == 2 * TRACKS_PER_ALBUM
    assert list((scene.daemon.data_dir / "downloads").glob("*")) == []
    roots = [track["library_root"] for track in scene.daemon.tracks().values()]
    assert sum(root.startswith("jellyfin:") for root in roots) == TRACKS_PER_ALBUM


def test_an_analysis_is_what_the_document_shows(scene: Scene) -> None:
    for file in Path(scene.daemon.environment["HARMONIE_LIBRARIES"]).rglob("*.flac"):
        file.touch()
    task = scene.start(
        "analysis",
        jellyfin_url=scene.jellyfin["url"],
        jellyfin_user_id="alice",
        jellyfin_token=scene.jellyfin["api_key"],
        num_recent_albums=10,
        top_n_moods=5,
    )
    now = scene.until(task, "current_track_analysis")
    assert set(now) == {
        "task_id", "state", "status_message", "progress", "details", "task_type_from_db",
    }  # fmt: skip
    assert (now["state"], now["task_type_from_db"]) == ("PROGRESS", "main_analysis")
    details = now["details"]
    assert re.fullmatch(r"Processing albums: \d/3 completed\.", now["status_message"])
    assert details["status_message"] == now["status_message"]
    assert re.fullmatch(r"Song \d by (Saw Teeth|Quiet Water)", details["current_track"])
    heard = details["current_track_analysis"]
    assert set(heard) == {"name", "tempo", "key", "scale", "moods"}
    assert 30 <= heard["tempo"] <= 300
    assert heard["scale"] in ("major", "minor")
    assert len(heard["moods"]) == 5
    assert all(re.fullmatch(r"mood/[a-z]+", label) for label in heard["moods"])
    assert all(0 <= value <= 1 for value in heard["moods"].values())
    active = scene.ask("GET", "/api/active_tasks")[1]
    assert (active["task_id"], active["parent_task_id"]) == (task, None)
    assert scene.until(task)["state"] == "SUCCESS"
    album = next(
        part
        for one in scene.status(task)["details"]["album_task_ids"]
        if (part := scene.status(one))["details"]["tracks_analyzed"]
    )
    line = (
        r"\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\] Analyzed 'Song \d by [\w ]+'\. Tempo: \d+\.\d\d, "
        r"Key: [A-G][#b]? (major|minor)\. Moods: (mood/[a-z]+:\d\.\d\d(, )?){5}"
    )
    assert any(re.fullmatch(line, said) for said in album["details"]["log"]), album
    assert scene.ask("POST", f"/api/cancel/{task}") == (
        400,
        {
            "message": "Task could not be cancelled (e.g., already completed or not found in "
            "active state).",
            "task_id": task,
        },
    )
    assert re.fullmatch("[0-9a-f]{32}", scene.ask("GET", "/api/config")[1]["jellyfin_user_id"])


def test_what_nobody_knows(scene: Scene) -> None:
    assert scene.ask("POST", f"/api/cancel/{NOBODY}") == (
        404,
        {"message": f"Task {NOBODY} not found in database.", "task_id": NOBODY},
    )
    assert scene.ask("POST", "/api/cancel_all/main_analysis") == (
        404,
        {"message": "No active tasks of type 'main_analysis' found to cancel."},
    )
    code, answer = scene.ask("GET", f"/api/status/{NOBODY}")
    assert (code, answer["state"]) == (404, "UNKNOWN")


def test_a_clustering_that_is_killed_leaves_no_playlists_and_no_files(scene: Scene) -> None:
    task = scene.start("clustering", clustering_method="gmm", clustering_runs=10_000)
    scene.until(task, "batch_jobs_launched")
    scene.kill()
    ended = scene.status(task)
    assert (ended["state"], ended["status_message"]) == ("FAILURE", INTERRUPTED)
    assert scene.ask("GET", "/api/playlists") == (200, {})
    assert not (scene.daemon.data_dir / "clustering").exists()


def test_a_clustering_is_what_the_document_shows(scene: Scene) -> None:
    task = scene.start(
        "clustering",
        clustering_method="kmeans",
        num_clusters_min=3,
        num_clusters_max=10,
        dbscan_eps_min=0.1,
        dbscan_eps_max=0.8,
        dbscan_min_samples_min=2,
        dbscan_min_samples_max=5,
        gmm_n_components_min=3,
        gmm_n_components_max=10,
        pca_components_min=2,
        pca_components_max=5,
        clustering_runs=100,
        max_songs_per_cluster=20,
    )
    assert scene.until(task)["state"] == "SUCCESS", scene.status(task)
    code, last = scene.ask("GET", "/api/last_task")
    assert code == 200
    assert set(last) == {"task_id", "task_type", "status", "progress", "details"}
    assert (last["task_id"], last["task_type"], last["status"], last["progress"]) == (
        task, "main_clustering", "SUCCESS", 100,
    )  # fmt: skip
    details = last["details"]
    score = f"{details['best_score']:.2f}"
    said = f"Playlists generated and updated on Jellyfin! Best diversity score: {score}."
    assert details["message"] == said
    assert details["log"] == [f"Task completed successfully. Final status: {said}"]
    best = details["best_params"]
    assert set(best) == {
        "clustering_method_config", "pca_config", "max_songs_per_cluster", "run_id",
    }  # fmt: skip
    assert best["clustering_method_config"]["method"] == "kmeans"
    assert 3 <= best["clustering_method_config"]["params"]["n_clusters"] <= 10
    assert best["pca_config"]["enabled"]
    assert 2 <= best["pca_config"]["components"] <= 5
    assert best["max_songs_per_cluster"] == 20
    code, playlists = scene.ask("GET", "/api/playlists")
    assert len(playlists) == details["num_playlists_created"] >= 1
    arrived = {one["name"]: one["paths"] for one in scene.control("state")["playlists"]}
    assert set(arrived) == set(playlists)
    for name, songs in playlists.items():
        assert re.fullmatch(r"\w+_(Slow|Medium|Fast)\w*_automatic\w*", name)
        assert len(songs) == len(arrived[name])
        for song in songs:
            assert set(song) == {"item_id", "title", "author"}
            assert re.fullmatch("[0-9a-f]{32}", song["item_id"])


def test_cancelled_clusterings_and_analyses_end_at_once(scene: Scene) -> None:
    clustering = scene.start("clustering", clustering_method="gmm", clustering_runs=10_000)
    scene.until(clustering, "batch_jobs_launched")
    analysis = scene.start("analysis")
    code, answer = scene.ask("POST", "/api/cancel_all/main")
    assert code == 200, answer
    assert answer["cancelled_main_tasks"] == [clustering, analysis]
    for task in (clustering, analysis):
        assert scene.until(task)["state"] == "REVOKED"
    assert len(scene.ask("GET", "/api/playlists")[1]) >= 1


def test_the_server_saw_nothing_that_its_document_forbids(scene: Scene) -> None:
    state = scene.control("state")
    assert state["violations"] == []
    assert state["deleted_music"] == []
    log = scene.daemon.log.read_text(encoding="utf-8")
    assert scene.jellyfin["api_key"] not in log
