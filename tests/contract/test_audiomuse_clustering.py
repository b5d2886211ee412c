"""The AudioMuse-AI API: clusterings in earnest, from 19 tracks on."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tests.audiomuse_server import Muse, muse
from tests.factories import make_tags, make_track, make_vector


async def add(api: Muse, number: int) -> None:
    """A track of one of two kinds."""
    rng = np.random.default_rng(number)
    kind = (1.0, 0.1) if number % 2 else (0.1, 1.0)
    vector = make_vector(*kind, *(0.1 * rng.random(6)))
    tags = make_tags(artist=f"Artist {number}", title=f"Title {number}")
    await make_track(api.core.store.tracks, f"{number}.flac", vector=vector, tags=tags)


async def test_twenty_tracks_become_playlists_and_nineteen_do_not(tmp_path: Path) -> None:
    async with muse(tmp_path, searches=True, with_jellyfin=False) as api:
        await api.core.services.spaces.load()
        for number in range(19):
            await add(api, number)
        status = await api.until(await api.start("clustering", clustering_runs=10))
        assert status["state"] == "FAILURE"
        assert status["details"]["error"] == (
            "Not enough analyzed tracks (19) for clustering. Minimum required: 20."
        )
        assert (await api.get("/api/playlists")).json == {}
        await add(api, 19)
        for method in ("kmeans", "auto"):
            task = await api.start("clustering", clustering_method=method, clustering_runs=10)
            status = await api.until(task)
            assert status["state"] == "SUCCESS", status
            details = status["details"]
            playlists = (await api.get("/api/playlists")).json
            assert len(playlists) == details["num_playlists_created"] >= 1
            assert all(name.endswith("_automatic") for name in playlists)
            assert 0 <= details["best_score"] <= 1
            used = details["best_params"]["clustering_method_config"]["method"]
            assert method in (used, "auto")
