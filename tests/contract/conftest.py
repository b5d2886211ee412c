"""A daemon with ten tracks that never change."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from harmonie_daemon.domain.task import ScanStatus
from harmonie_daemon.domain.track import Scale, StyleScore, Tags
from harmonie_daemon.store.tracks import Tracks
from tests.factories import make_styles, make_track, make_vector
from tests.servers import Client, Daemon, daemon

HOUSE, HARD_TECHNO = "Electronic---House", "Electronic---Hard Techno"


async def fill(tracks: Tracks) -> None:
    """Track 1 is Xtal, 7 has neither tags nor an embedding, 8 lies under another root."""

    def tags(artist: str, album: str, title: str, number: int = 1) -> Tags:
        return Tags(artist=artist, album=album, title=title, track_number=number)

    await make_track(
        tracks,
        "Aphex Twin/SAW/01 Xtal.flac",
        tags=tags("Aphex Twin", "Selected Ambient Works", "Xtal"),
        vector=make_vector(1.0),
        styles=make_styles("Electronic---Ambient", probability=0.71),
        duration_s=312.4,
        bpm=88.2,
        danceability=1.31,
        loudness_db=-16.4,
    )
    await make_track(
        tracks,
        "Aphex Twin/SAW/02 Tha.flac",
        tags=tags("Aphex Twin", "Selected Ambient Works", "Tha", 2),
        vector=make_vector(0.95, 0.3),
        styles=make_styles("Electronic---Ambient", probability=0.5),
        duration_s=540.0,
        bpm=120.0,
        key="E",
        loudness_db=-14.0,
    )
    await make_track(
        tracks,
        "Daft Punk/Homework/07 Around the World.flac",
        tags=tags("Daft Punk", "Homework", "Around the World", 7),
        vector=make_vector(0.0, 1.0),
        styles=make_styles(HOUSE, probability=0.9),
        duration_s=429.0,
        bpm=121.3,
        danceability=2.1,
        loudness_db=-8.0,
    )
    await make_track(
        tracks,
        "Daft Punk/Discovery/01 One More Time.flac",
        tags=tags("Daft Punk", "Discovery", "One More Time"),
        vector=make_vector(0.1, 0.95),
        styles=make_styles(HOUSE, probability=0.8),
        duration_s=320.0,
        bpm=122.8,
        key="D",
        scale=Scale.MAJOR,
        danceability=1.9,
        loudness_db=-7.0,
    )
    await make_track(
        tracks,
        "Darkthrone/Transilvanian Hunger/01 Transilvanian Hunger.mp3",
        tags=tags("Darkthrone", "Transilvanian Hunger", "Transilvanian Hunger"),
        vector=make_vector(0.0, 0.0, 1.0),
        styles=make_styles("Rock---Black Metal", probability=0.95),
        duration_s=370.0,
        bpm=150.0,
        key="E",
        danceability=0.7,
        loudness_db=-6.0,
    )
    await make_track(
        tracks,
        "Björk/Homogenic/02 Jóga.ogg",
        tags=tags("Björk", "Homogenic", "Jóga", 2),
        vector=make_vector(0.7, 0.2, 0.4),
        styles=(
            StyleScore("Electronic", "Trip Hop", 0.5),
            StyleScore("Pop", "Ballad", 0.2),
        ),
        duration_s=305.0,
        bpm=84.0,
        key="C#",
        loudness_db=-10.0,
    )
    await make_track(
        tracks,
        "loose/unknown.wav",
        tags=Tags(),
        duration_s=1.5,
        bpm=None,
        bpm_confidence=None,
        key=None,
        scale=None,
        key_strength=None,
        danceability=None,
        loudness_db=None,
        onset_rate=None,
        unmapped=("Field Recording",),
    )
    await make_track(
        tracks,
        "Mix/Trap Song.mp3",
        root="/more music",
        tags=tags("Somebody", "Mix", "Trap Song"),
        vector=make_vector(0.3, 0.3, 0.8),
        styles=make_styles("Hip Hop---Trap", probability=0.6),
        bpm=140.0,
        key="Bb",
        danceability=1.8,
        loudness_db=-5.0,
    )
    await make_track(
        tracks,
        "Techno/A/01 Hard.flac",
        tags=tags("Rotor", "A", "Hard"),
        vector=make_vector(0.0, 0.8, 0.3),
        styles=make_styles(HARD_TECHNO, probability=0.88),
        bpm=145.0,
        key="B",
        loudness_db=-5.5,
    )
    await make_track(
        tracks,
        "Techno/A/02 Harder.flac",
        tags=tags("Rotor", "A", "Harder", 2),
        vector=make_vector(0.0, 0.9, 0.5),
        styles=(
            StyleScore("Electronic", "Hard Techno", 0.4),
            StyleScore("Electronic", "House", 0.3),
        ),
        bpm=141.0,
        key="F#",
        loudness_db=-5.2,
    )


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def library(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Daemon]:
    """One daemon for all tests of a module; none of them changes its tracks."""
    roots = (Path("/music"), Path("/more music"))
    async with daemon(tmp_path_factory.mktemp("ten"), libraries=roots) as running:
        await fill(running.tracks)
        yield running


@pytest.fixture
def ten(library: Daemon) -> Daemon:
    """The daemon, with a scan that has never run."""
    library.scan.state = ScanStatus()
    library.scan.forced.clear()
    return library


@pytest.fixture
def api(ten: Daemon) -> Client:
    """Its client."""
    return ten.client
