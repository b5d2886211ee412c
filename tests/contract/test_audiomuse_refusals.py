"""The AudioMuse-AI API: what is configured, and whoever asks wrongly."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tests.audiomuse_server import Muse, muse

pytestmark = pytest.mark.asyncio(loop_scope="module")

ELSEWHERE = "http://192.0.2.1:8096"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def api(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Muse]:
    async with muse(tmp_path_factory.mktemp("muse"), user="alice") as running:
        yield running


ANALYSIS: list[tuple[dict[str, Any], str]] = [
    ({"num_recent_albums": -1}, "num_recent_albums: must be 0 or more, not -1"),
    ({"num_recent_albums": 1_000_001}, "num_recent_albums: must be 1000000 or less"),
    ({"num_recent_albums": "ten"}, 'num_recent_albums: must be a whole number, not "ten"'),
    ({"num_recent_albums": "10"}, 'num_recent_albums: must be a whole number, not "10"'),
    ({"num_recent_albums": 2.5}, "num_recent_albums: must be a whole number, not 2.5"),
    ({"num_recent_albums": True}, "num_recent_albums: must be a whole number, not true"),
    ({"num_recent_albums": [5]}, "num_recent_albums: must be a whole number"),
    ({"top_n_moods": 18}, "top_n_moods: must be 17 or less, not 18"),
    ({"top_n_moods": float("nan")}, "top_n_moods: must be a"),
    ({"jellyfin_url": 5}, "jellyfin_url: must be a string, not 5"),
    ({"jellyfin_url": ELSEWHERE}, "jellyfin_token: http://192.0.2.1:8096 is not the configured"),
    ({"jellyfin_url": ELSEWHERE, "jellyfin_token": ""}, "jellyfin_token: "),
    ({"jellyfin_url": ELSEWHERE, "jellyfin_token": "********"}, "jellyfin_token: "),
    ({"jellyfin_url": "ftp://nas", "jellyfin_token": "x"}, "jellyfin_url: must be the http or"),
    ({"jellyfin_url": "file:///etc/passwd", "jellyfin_token": "x"}, "jellyfin_url: must be"),
    ({"jellyfin_url": "nas:8096", "jellyfin_token": "x"}, "jellyfin_url: must be"),
    ({"jellyfin_url": "http://", "jellyfin_token": "x"}, "jellyfin_url: must be"),
    ({"jellyfin_url": "http://nas:port", "jellyfin_token": "x"}, "jellyfin_url: must be"),
    ({"jellyfin_url": "http://me:pw@nas", "jellyfin_token": "x"}, "jellyfin_url: must be"),
    ({"jellyfin_url": "http://nas/?a=b", "jellyfin_token": "x"}, "jellyfin_url: must be"),
    ({"jellyfin_url": "http://nas\n", "jellyfin_token": 7}, "jellyfin_token: must be a string"),
    ({"jellyfin_url": "http://" + "n" * 3000}, "jellyfin_url: "),
    ({"jellyfin_token": 12345}, "jellyfin_token: must be a string"),
    ({"jellyfin_token": "x" * 2000}, "jellyfin_token: must have at most 1000 characters"),
    ({"jellyfin_user_id": {}}, "jellyfin_user_id: must be a string"),
]
CLUSTERING: list[tuple[dict[str, Any], str]] = [
    ({"clustering_method": "spectral"}, "clustering_method: must be 'kmeans', 'dbscan', 'gmm' or"),
    ({"clustering_method": 1}, "clustering_method: must be 'kmeans', 'dbscan', 'gmm' or"),
    ({"clustering_runs": 1_000_000}, "clustering_runs: must be 10000 or less, not 1000000"),
    ({"clustering_runs": 0}, "clustering_runs: must be 1 or more, not 0"),
    ({"clustering_runs": 10**400}, "clustering_runs: "),
    ({"num_clusters_min": 1}, "num_clusters_min: must be 2 or more, not 1"),
    ({"num_clusters_min": "3"}, 'num_clusters_min: must be a whole number, not "3"'),
    (
        {"num_clusters_min": 9, "num_clusters_max": 4},
        "num_clusters_min=9: must be no more than num_clusters_max, which is 4",
    ),
    ({"num_clusters_min": 11}, "num_clusters_min=11: must be no more than num_clusters_max"),
    ({"num_clusters_max": 2}, "num_clusters_min=3: must be no more than num_clusters_max"),
    ({"dbscan_eps_min": 0.5, "dbscan_eps_max": 0.2}, "dbscan_eps_min=0.5: must be no more"),
    ({"dbscan_eps_min": float("nan")}, "dbscan_eps_min: must be a finite number, not NaN"),
    ({"dbscan_eps_max": float("inf")}, "dbscan_eps_max: must be a finite number, not Infinity"),
    ({"dbscan_eps_max": "wide"}, 'dbscan_eps_max: must be a number, not "wide"'),
    ({"dbscan_eps_max": 2}, "dbscan_eps_max: must be 1"),
    ({"dbscan_min_samples_min": 0}, "dbscan_min_samples_min: must be 1 or more, not 0"),
    ({"dbscan_min_samples_min": 5, "dbscan_min_samples_max": 2}, "dbscan_min_samples_min=5: "),
    ({"gmm_n_components_max": 501}, "gmm_n_components_max: must be 500 or less, not 501"),
    ({"gmm_n_components_min": 50}, "gmm_n_components_min=50: must be no more than"),
    ({"pca_components_min": 8, "pca_components_max": 2}, "pca_components_min=8: must be no more"),
    ({"max_songs_per_cluster": 0}, "max_songs_per_cluster: must be 1 or more, not 0"),
    ({"max_songs_per_cluster": 1e300}, "max_songs_per_cluster: must be 500 or less"),
]
BODIES: list[tuple[bytes, str]] = [
    (b"{", "the request body is not valid JSON"),
    (b"[]", "must be an object"),
    (b"null", "must be an object"),
    (b'"{}"', "must be an object"),
    (b"\xff\xfe", "the request body is not valid JSON"),
    (b"[" * 100_000, "the request body is not valid JSON"),
]


async def refused(api: Muse, path: str, said: str, **options: Any) -> None:
    before = api.core.runner.running()
    answer = await api.post(path, **options)
    assert answer.status == 400, answer.text
    assert set(answer.json) == {"error", "message"}
    assert answer.json["error"] == answer.json["message"]
    assert said in answer.json["message"]
    assert api.core.runner.running() == before
    assert (await api.get("/api/last_task")).json["task_id"] is None


@pytest.mark.parametrize(("body", "said"), ANALYSIS)
async def test_an_analysis_that_cannot_be_asked_for(
    api: Muse, body: dict[str, Any], said: str
) -> None:
    await refused(api, "/api/analysis/start", said, json=body)


@pytest.mark.parametrize(("body", "said"), CLUSTERING)
async def test_a_clustering_that_cannot_be_asked_for(
    api: Muse, body: dict[str, Any], said: str
) -> None:
    await refused(api, "/api/clustering/start", said, json=body)


@pytest.mark.parametrize("what", ["analysis", "clustering"])
@pytest.mark.parametrize(("body", "said"), BODIES)
async def test_a_body_that_is_no_object(api: Muse, what: str, body: bytes, said: str) -> None:
    await refused(api, f"/api/{what}/start", said, data=body)


async def test_a_token_that_is_refused_is_not_repeated(api: Muse) -> None:
    answer = await api.post("/api/analysis/start", json={"jellyfin_token": 918273645})
    assert "918273645" not in answer.text


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/api/analysis/start", "POST"),
        ("GET", "/api/clustering/start", "POST"),
        ("POST", "/api/status/x", "GET"),
        ("GET", "/api/cancel/x", "POST"),
        ("DELETE", "/api/cancel_all/main", "POST"),
        ("POST", "/api/last_task", "GET"),
        ("PUT", "/api/active_tasks", "GET"),
        ("POST", "/api/config", "GET"),
        ("POST", "/api/playlists", "GET"),
    ],
)
async def test_a_wrong_method_is_told_the_right_one(
    api: Muse, method: str, path: str, allowed: str
) -> None:
    answer = await api.client.ask(method, path)
    assert answer.status == 405
    assert set(answer.json) == {"error", "message"}
    assert answer.json["message"] == f"{method} is not possible at {path}; use {allowed}"


@pytest.mark.parametrize(
    "path", ["/api/analysis", "/api/status", "/api/config/x", "/chat/x", "/external/get_score"]
)
async def test_what_there_is_not(api: Muse, path: str) -> None:
    answer = await api.get(path)
    assert (answer.status, set(answer.json)) == (404, {"error", "message"})


async def test_the_configuration_is_the_documents(api: Muse) -> None:
    answer = await api.get("/api/config")
    assert answer.json == {
        "jellyfin_url": api.jellyfin.url,
        "jellyfin_user_id": "alice",
        "jellyfin_token": "********",
        "num_recent_albums": 5,
        "max_distance": 0.5,
        "max_songs_per_cluster": 20,
        "max_songs_per_artist": 3,
        "cluster_algorithm": "kmeans",
        "num_clusters_min": 3,
        "num_clusters_max": 10,
        "dbscan_eps_min": 0.1,
        "dbscan_eps_max": 0.8,
        "dbscan_min_samples_min": 2,
        "dbscan_min_samples_max": 5,
        "gmm_n_components_min": 3,
        "gmm_n_components_max": 10,
        "pca_components_min": 0,
        "pca_components_max": 0,
        "top_n_moods": 5,
        "mood_labels": [
            "mood/acoustic", "mood/aggressive", "mood/ambient", "mood/chilling", "mood/dark",
            "mood/energetic", "mood/epic", "mood/happy", "mood/melancholy", "mood/party",
            "mood/relaxed", "mood/romantic", "mood/sad", "mood/serious", "mood/sexy",
            "mood/sleepy", "mood/warm",
        ],
        "clustering_runs": 100,
    }  # fmt: skip
    assert api.jellyfin.api_key not in answer.text


async def test_what_the_configuration_shows_may_be_sent_back(tmp_path: Path) -> None:
    async with muse(tmp_path, user="alice") as api:
        alice = api.jellyfin.add_user("alice")
        shown = (await api.get("/api/config")).json
        api.album("A", "x")
        status = await api.until(await api.start(**shown))
        assert status["state"] == "SUCCESS"
        assert (await api.get("/api/config")).json["jellyfin_user_id"] == alice.id
        same = {"jellyfin_url": api.jellyfin.url.upper().replace("HTTP", "http") + "/"}
        assert (await api.until(await api.start(**same)))["state"] == "SUCCESS"
        await api.until(await api.start("clustering", **shown), "PROGRESS")


async def test_without_jellyfin_the_configuration_is_blank_and_a_token_has_no_use(
    tmp_path: Path,
) -> None:
    async with muse(tmp_path, with_jellyfin=False) as api:
        shown = (await api.get("/api/config")).json
        assert [shown[f"jellyfin_{name}"] for name in ("url", "user_id", "token")] == ["", "", ""]
        (api.music / "x.flac").write_text("title=x")
        assert (await api.until(await api.start(**shown)))["state"] == "SUCCESS"
        answer = await api.post("/api/analysis/start", json={"jellyfin_token": "x"})
        assert answer.status == 400
        assert "jellyfin_url: is required" in answer.json["message"]


async def test_another_server_is_asked_with_the_token_that_came_and_no_other(
    tmp_path: Path,
) -> None:
    (tmp_path / "b").mkdir()
    async with muse(tmp_path) as api, muse(tmp_path / "b", with_jellyfin=False) as other:
        foreign = {"jellyfin_url": other.jellyfin.url, "jellyfin_token": other.jellyfin.api_key}
        assert (await api.until(await api.start(**foreign)))["state"] == "SUCCESS"
        seen = [one.authorization for one in other.jellyfin.requests]
        assert seen
        assert not any(api.jellyfin.api_key in one for one in seen)
        assert api.jellyfin.requests == []
        wrong = {**foreign, "jellyfin_token": "a wrong token"}
        status = await api.until(await api.start(**wrong))
        assert status["state"] == "FAILURE"
        assert "a wrong token" not in str(status)


async def test_a_server_that_is_down_is_a_failure_with_the_reason(tmp_path: Path) -> None:
    async with muse(tmp_path) as api:
        await api.jellyfin.stop()
        status = await api.until(await api.start())
        assert status["state"] == "FAILURE"
        assert "cannot reach Jellyfin" in status["details"]["error"]
        assert "album_task_ids" not in status["details"]


async def test_without_the_key_nobody_is_told_anything(tmp_path: Path) -> None:
    async with muse(tmp_path, http={"api_key": "s3cret"}) as api:
        for method, path in (
            ("GET", "/api/config"),
            ("POST", "/api/analysis/start"),
            ("GET", "/api/status/x"),
        ):
            answer = await api.client.ask(method, path)
            assert (answer.status, answer.json["error"]) == (401, "Unauthorized")
        answer = await api.get("/api/config?")
        for headers in ({"Authorization": "Bearer s3cret"}, {"X-API-Key": "s3cret"}):
            answer = await api.client.get("/api/config", headers=headers)
            assert answer.status == 200
