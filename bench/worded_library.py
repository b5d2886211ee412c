"""A data folder with a made-up library whose names are words, for questions in words.

``python worded_library.py FOLDER TRACKS``; ``discovery.py`` runs it. As ``made_library``, with
names of words that are as frequent as words are, real Discogs styles, years and moods.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import made_library as plain
import numpy as np

from harmonie_daemon.analysis.mood_cues import USUAL
from harmonie_daemon.analysis.styles import SEPARATOR, data_lines
from harmonie_daemon.domain.track import Analysis, AudioFile, StyleScore, Tags
from harmonie_daemon.store.database import Database
from harmonie_daemon.store.tracks import Tracks

WORDS = 20_000
ONSETS = "b br c ch d dr f fl g gr h j k l m n p pr qu r s sh st t tr v w z"
VOWELS = "a e i o u ai ea ou"
CODAS = "d k l ll m n nd ng r rt s st t x"
FIRST_YEAR, LAST_YEAR = 1955, 2025


def vocabulary() -> list[str]:
    """Made-up words of one to three syllables, each once, the most frequent ones first."""
    rng = np.random.default_rng(1)
    words: dict[str, None] = {}
    while len(words) < WORDS:
        words["".join(syllable(rng) for _ in range(int(rng.integers(1, 4))))] = None
    return list(words)


def syllable(rng: np.random.Generator) -> str:
    """One, open or closed."""
    coda = str(rng.choice(CODAS.split())) if rng.random() < 0.6 else ""
    return str(rng.choice(ONSETS.split())) + str(rng.choice(VOWELS.split())) + coda


class Namer:
    """Names of words, as frequent as words are (Zipf)."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng
        self._words = vocabulary()
        weights = 1.0 / (np.arange(len(self._words)) + 10)
        self._sums = np.cumsum(weights / weights.sum())

    def name(self, most: int) -> str:
        """One to ``most`` words."""
        count = int(self._rng.integers(1, most + 1))
        at = np.searchsorted(self._sums, self._rng.random(count))
        return " ".join(self._words[min(int(one), WORDS - 1)] for one in at).title()


async def main(folder: Path, count: int) -> None:
    """Make the folder."""
    rng = np.random.default_rng(0)
    database = await Database.open(folder / "harmonie.db", readers=1)
    tracks = Tracks(database, lambda: plain.MADE_AT)
    namer, number = Namer(rng), 0
    names: dict[str, str] = {}
    for album in plain.albums(rng):
        artist = names.setdefault(album.artist, namer.name(2))
        title, year = namer.name(3), int(rng.integers(FIRST_YEAR, LAST_YEAR + 1))
        for position in range(1, plain.ALBUM_TRACKS + 1):
            if number == count:
                await database.close()
                return
            tags = Tags(
                artist=artist,
                album=title,
                title=namer.name(4),
                track_number=position,
                date=str(year) if rng.random() < 0.9 else None,
            )
            path = f"{artist}/{title}/{position:02} {tags.title} {number}.flac"
            file = AudioFile(plain.ROOT, path, 30_000_000 + number, 1_700_000_000_000_000_000)
            heard = with_features(plain.analysis(album, rng), rng)
            labels = tuple(styles(album.labels, rng))
            await tracks.save(file, number.to_bytes(16, "little"), tags, heard, labels)
            number += 1


def with_features(analysis: Analysis, rng: np.random.Generator) -> Analysis:
    """With all measurements that moods are made of."""
    features = {
        name: float(rng.normal(usual.centre, usual.spread)) for name, usual in USUAL.items()
    }
    return replace(analysis, features=features)


def styles(labels: Sequence[plain.Label], rng: np.random.Generator) -> Iterator[StyleScore]:
    """The labels of the made-up taxonomy as those of Discogs, the same one for the same one."""
    known = data_lines("discogs400.txt")
    for place, label in enumerate(labels[: int(rng.integers(2, len(labels) + 1))]):
        number = int(label.genre.split()[1]) * plain.STYLES_OF_A_GENRE + int(label.style.split()[1])
        genre, style = known[number % len(known)].split(SEPARATOR)
        yield StyleScore(genre, style, float(rng.uniform(0.3, 1.0) * 0.7**place))


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
