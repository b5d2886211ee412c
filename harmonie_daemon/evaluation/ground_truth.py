"""Which tracks belong together: what their owner wrote into tags and folders."""

from __future__ import annotations

import os.path
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from harmonie_daemon.domain.text import text_key
from harmonie_daemon.domain.track import AudioFile, Tags
from harmonie_daemon.evaluation.judging import Labels, Question, answerable

FEWEST_QUERIES = 10
"""With fewer, the figures would be noise."""
PLACEHOLDERS = frozenset(
    {
        "none", "non", "other", "unknown", "unknown album", "unknown artist", "unknown genre",
        "va", "various", "various artists",
    }
)  # fmt: skip
"""Tags that say nothing, as ``text_key`` writes them; ``Other`` is what ID3v1 has for the rest."""


class Truth(StrEnum):
    """What the tracks of a group have in common."""

    GENRE = "genre"
    ARTIST = "artist"
    ALBUM = "album"
    FOLDER = "folder"
    """The first folder below the library root."""


FILTERS: Mapping[Truth, tuple[Truth | None, ...]] = {
    Truth.GENRE: (None, Truth.ALBUM, Truth.ARTIST),
    Truth.ARTIST: (None, Truth.ALBUM),
    Truth.ALBUM: (None,),
    Truth.FOLDER: (None, Truth.ALBUM, Truth.ARTIST),
}
"""Whose tracks may be left out of the candidates, for each truth."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A track that takes part in an evaluation."""

    file: AudioFile
    tags: Tags


def labels(truth: Truth, subjects: Sequence[Subject]) -> Labels:
    """The labels of each track, compared by ``text_key``."""
    return Labels([_labels_of(truth, subject) for subject in subjects])


def questions(truth: Truth, subjects: Sequence[Subject]) -> dict[Truth | None, Question]:
    """The questions that these tracks' tags can answer, by filter; none of them if too few can.

    A filter is left out if too few queries remain with it, or if it changes nothing.
    """
    right = labels(truth, subjects)
    asked: dict[Truth | None, Question] = {}
    for filter_ in FILTERS[truth]:
        without = None if filter_ is None else labels(filter_, subjects)
        question = Question(right, without)
        tells_apart = right.distinct > 1 and (without is None or without.known.any())
        if tells_apart and answerable(question) >= FEWEST_QUERIES:
            asked[filter_] = question
    return asked


def shortage(truth: Truth, subjects: Sequence[Subject]) -> str:
    """Why a truth has no questions, in words for a person."""
    right = labels(truth, subjects)
    count = answerable(Question(right))
    return (
        f"{right.known.sum()} of {len(subjects)} tracks have a usable {truth} "
        f"({right.distinct} different), {count} share theirs with another; "
        f"at least {FEWEST_QUERIES} must, and two different ones are needed"
    )


def whole_folders(files: Sequence[AudioFile], most: int, rng: np.random.Generator) -> list[int]:
    """Positions of at most about ``most`` files: whole folders, drawn at random.

    Single files would tear albums apart and leave nothing to be found again. The last folder
    drawn comes in whole unless that would be half too much; one that alone holds more than
    ``most`` is thinned out at random.
    """
    by_folder: dict[str, list[int]] = {}
    for position, file in enumerate(files):
        by_folder.setdefault(os.path.dirname(file.path), []).append(position)  # noqa: PTH120
    folders = [by_folder[name] for name in sorted(by_folder)]
    chosen: list[int] = []
    for place in rng.permutation(len(folders)):
        room = most - len(chosen)
        if room <= 0:
            break
        folder = folders[place]
        if len(folder) > most:
            chosen.extend(rng.choice(folder, room, replace=False).tolist())
        elif len(folder) <= room + most / 2:
            chosen.extend(folder)
    return sorted(chosen)


def _labels_of(truth: Truth, subject: Subject) -> Iterable[str]:
    tags = subject.tags
    match truth:
        case Truth.GENRE:
            return filter(None, map(_meaningful, tags.genres))
        case Truth.ARTIST:
            meant = (filter(None, map(_meaningful, n)) for n in (tags.artists, tags.album_artists))
            return next(filter(None, map(tuple, meant)), ())
        case Truth.ALBUM:
            album = _meaningful(tags.album)
            return [f"{album}\0{_meaningful(tags.album_artist) or ''}"] if album else []
        case Truth.FOLDER:
            first, separator, _ = subject.file.relative_path.partition("/")
            return [f"{subject.file.root}\0{first}"] if separator else []


def _meaningful(text: str | None) -> str | None:
    key = text_key(text)
    return None if key in PLACEHOLDERS else key
