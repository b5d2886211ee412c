"""A library for end-to-end tests: the real one if there is one, else one that is synthesised."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import mutagen.flac
import numpy as np
import soundfile

REAL_LIBRARY = os.environ.get("HARMONIE_TEST_LIBRARY")
NEEDS_REAL = "needs real music: .ci/run builds it and sets HARMONIE_TEST_LIBRARY"
RATE = 44_100
SECONDS = 12.0
ALBUMS = (("Saw Teeth", "Edges", 110.0, 8), ("Quiet Water", "Ripples", 220.0, 2))
TRACKS_PER_ALBUM = 8


def audio_files(folder: Path) -> list[Path]:
    """Every audio file below a folder, in order."""
    return sorted(p for p in folder.rglob("*") if p.suffix in (".flac", ".ogg", ".mp3"))


def lay_out(destination: Path, *, most: int | None = None) -> None:
    """Copy or make the library below ``destination``, or so many of its tracks."""
    if REAL_LIBRARY and most is None:
        shutil.copytree(REAL_LIBRARY, destination)
    elif REAL_LIBRARY:
        for path in audio_files(Path(REAL_LIBRARY))[:most]:
            copy = destination / path.relative_to(REAL_LIBRARY)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, copy)
    else:
        _synthesise(destination)
        for path in audio_files(destination)[most:] if most is not None else ():
            path.unlink()


def _synthesise(destination: Path) -> None:
    for artist, album, pitch_hz, overtones in ALBUMS:
        synthesise_album(destination, artist, album, pitch_hz, overtones)


def synthesise_album(
    destination: Path, artist: str, album: str, pitch_hz: float, overtones: int
) -> None:
    """``TRACKS_PER_ALBUM`` files below ``destination``."""
    folder = destination / artist / album
    folder.mkdir(parents=True)
    for number in range(1, TRACKS_PER_ALBUM + 1):
        file = folder / f"{number:02d} Song {number}.flac"
        soundfile.write(file, _music(pitch_hz, overtones, number), RATE)
        _tag(file, artist, album, number)


def _music(pitch_hz: float, overtones: int, number: int) -> np.ndarray:
    """A pulsing tone with a little noise; albums differ in timbre, tracks in pitch and tempo."""
    rng = np.random.default_rng(number)
    t = np.arange(int(SECONDS * RATE)) / RATE
    base = pitch_hz * 2 ** (number / 12)
    tone = sum(np.sin(2 * np.pi * base * k * t) / k for k in range(1, overtones + 1))
    beats_hz = (96 + 6 * number) / 60
    pulse = np.exp(-6 * ((t * beats_hz) % 1.0))
    return 0.2 * tone * pulse + 0.01 * rng.standard_normal(t.size)


def _tag(file: Path, artist: str, album: str, number: int) -> None:
    tags = mutagen.flac.FLAC(file)
    tags["artist"], tags["album"], tags["title"] = artist, album, f"Song {number}"
    tags["tracknumber"], tags["genre"] = str(number), "Electronic"
    tags.save()
