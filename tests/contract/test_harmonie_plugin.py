"""The Jellyfin plugin as a client: it reads JSON strictly, so types are part of the contract."""

from __future__ import annotations

from typing import Any

import pytest

from tests.servers import Client

pytestmark = pytest.mark.asyncio(loop_scope="module")

Shape = dict[str, tuple[type, ...]]
TEXT: tuple[type, ...] = (str,)
TEXT_OR_NULL: tuple[type, ...] = (str, type(None))
INT: tuple[type, ...] = (int,)
INT_OR_NULL: tuple[type, ...] = (int, type(None))
NUMBER: tuple[type, ...] = (int, float)
NUMBER_OR_NULL: tuple[type, ...] = (int, float, type(None))

STATUS: Shape = {
    "version": TEXT, "embedding_dim": INT, "libraries": (list,), "workers": INT,
    "db_path": TEXT, "schema_version": INT, "descriptor_version": INT, "tracks": INT,
    "total_duration_sec": NUMBER, "db_size_bytes": INT, "by_model": (dict,),
}  # fmt: skip
SCAN: Shape = {
    "state": TEXT, "phase": TEXT_OR_NULL, "started_at": NUMBER_OR_NULL,
    "finished_at": NUMBER_OR_NULL, "last_duration_sec": NUMBER_OR_NULL,
    "last_error": TEXT_OR_NULL, "discovered": INT, "full": INT, "descriptors_only": INT,
    "skipped": INT, "failed": INT, "removed": INT,
}  # fmt: skip
COUNTS: Shape = {"track_count": INT, "mean_probability": NUMBER, "max_probability": NUMBER}
RESOLVED: Shape = {
    "id": INT, "path": TEXT, "artist": TEXT_OR_NULL, "album": TEXT_OR_NULL,
    "title": TEXT_OR_NULL, "styles": (list,),
}  # fmt: skip
ITEM: Shape = {
    "track_id": INT, "path": TEXT, "score": NUMBER, "library_root": TEXT,
    "relative_path": TEXT, "artist": TEXT_OR_NULL, "album": TEXT_OR_NULL,
    "title": TEXT_OR_NULL, "track_number": INT_OR_NULL,
}  # fmt: skip


def has_shape(value: dict[str, Any], shape: Shape) -> bool:
    """Every member is there with one of its types; booleans are no numbers."""
    for name, types in shape.items():
        assert type(value[name]) in types, name
    return True


async def test_what_it_reads_of_the_status(api: Client) -> None:
    status = (await api.get("/api/v1/status")).json
    assert has_shape(status, STATUS)
    assert all(type(root) is str for root in status["libraries"])
    assert all(type(count) is int for count in status["by_model"].values())


async def test_what_it_reads_of_a_scan(api: Client) -> None:
    assert has_shape((await api.get("/api/v1/scan")).json, SCAN)
    assert has_shape((await api.post("/api/v1/scan", data=b"")).json, SCAN)
    assert has_shape((await api.post("/api/v1/scan?force=true", data=b"")).json, SCAN)


async def test_what_it_reads_of_genres_and_styles(api: Client) -> None:
    genres = (await api.get("/api/v1/genres")).json
    assert type(genres["total"]) is int
    for item in genres["items"]:
        assert has_shape(item, {**COUNTS, "genre": TEXT, "style_count": INT})
    for query in ("", "?genre=Hip+Hop"):
        styles = (await api.get(f"/api/v1/styles{query}")).json
        assert styles["items"]
        assert all(has_shape(item, {**COUNTS, "style": TEXT}) for item in styles["items"])


async def test_what_it_reads_of_a_resolved_track(api: Client) -> None:
    track = (await api.get("/api/v1/tracks/resolve?artist=Aphex+Twin&title=Xtal")).json
    assert has_shape(track, RESOLVED)
    assert has_shape(track["styles"][0], {"style": TEXT, "probability": NUMBER})
    for path, status in (("?title=none&artist=none", 404), ("", 400)):
        assert (await api.get(f"/api/v1/tracks/resolve{path}")).status == status


PLAYLISTS: list[dict[str, Any]] = [
    {
        "mode": "similar",
        "seeds": [],
        "seed_weights": [],
        "seed_refs": [
            {"path": "/data/music/Aphex Twin/SAW/01 Xtal.flac", "weight": 3},
            {"artist": "Björk", "album": "Homogenic", "title": "Jóga"},
        ],
        "n": 20,
        "variation": 0,
    },
    {
        "mode": "drift",
        "seeds": [1],
        "seed_weights": [],
        "seed_refs": [],
        "n": 20,
        "variation": 0.25,
        "chunk_size": 5,
        "smooth_transitions": {"key_compatible": False},
    },
    {
        "mode": "vibe",
        "n": 100,
        "filter": {
            "genre": ["Electronic"],
            "style": ["House"],
            "style_min": 0.6,
            "style_mode": "any",
        },
        "shuffle": True,
        "rng_seed": 7,
    },
]


@pytest.mark.parametrize("body", PLAYLISTS)
async def test_what_it_reads_of_a_playlist(api: Client, body: dict[str, Any]) -> None:
    answer = await api.post("/api/v1/playlists", body)
    assert answer.status == 200
    assert answer.json["items"]
    assert all(has_shape(item, ITEM) for item in answer.json["items"])
    assert answer.json["unresolved_seed_refs"] == []


async def test_a_seed_it_cannot_place_comes_back_with_a_reason(api: Client) -> None:
    body = {**PLAYLISTS[0], "seeds": [1], "seed_refs": [{"artist": "x", "title": "y"}]}
    (unresolved,) = (await api.post("/api/v1/playlists", body)).json["unresolved_seed_refs"]
    assert has_shape(unresolved, {"ref": (dict,), "reason": TEXT})


async def test_an_instant_mix_without_any_known_seed_is_400(api: Client) -> None:
    body = {**PLAYLISTS[0], "seed_refs": []}
    assert (await api.post("/api/v1/playlists", body)).status == 400
