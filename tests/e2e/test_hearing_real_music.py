"""What only real music can show: all of it is heard, and alike things are near."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.harness import Daemon
from tests.e2e.music import NEEDS_REAL, REAL_LIBRARY

pytestmark = pytest.mark.skipif(not REAL_LIBRARY, reason=NEEDS_REAL)

METAL = "fretsonfire-songs-muldjord"


def package(path: str, library: Path) -> str:
    return Path(path).relative_to(library).parts[0]


def test_every_real_track_is_analysed_and_none_fails(daemon: Daemon) -> None:
    assert daemon.get("/api/v1/status")["tracks"] == 47, "48, of which one is held back"
    assert daemon.get("/api/v1/status")["failed"] == 0


def test_of_five_neighbours_of_death_metal_four_are_death_metal(
    daemon: Daemon, library: Path
) -> None:
    own = []
    for path, track in daemon.tracks().items():
        if package(path, library) == METAL:
            found = daemon.get(f"/api/v1/tracks/{track['id']}/similar", limit=5)["matches"]
            own.append(sum(package(match["path"], library) == METAL for match in found))
    mean = sum(own) / len(own)
    print(f"neighbours of 5 from the same package: {mean:.2f} ({len(own)} tracks)")
    assert mean >= 4


def test_tempo_key_and_loudness_are_known_for_nearly_all(daemon: Daemon) -> None:
    tracks = daemon.tracks().values()
    for name in ("bpm", "key", "scale", "loudness", "danceability"):
        known = sum(track[name] is not None for track in tracks)
        assert known >= 0.9 * len(tracks), name
