"""The few facts about each track that choosing depends on, as arrays."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from harmonie_daemon.domain.track import PITCH_CLASSES, Facets, Scale
from harmonie_daemon.similarity.index import positions_of
from harmonie_daemon.store.records import IdArray

Codes = npt.NDArray[np.int32]
UNKNOWN = -1
"""The code of what a track does not say; two unknowns are not the same thing."""
MINOR_OFFSET = len(PITCH_CLASSES)
"""Key codes: 0 to 11 the major keys from C upwards, 12 to 23 the minor ones."""
_PITCH_CODES = {name: code for code, name in enumerate(PITCH_CLASSES)}


class Codebook:
    """Small numbers for names. Grows only, so that every snapshot can share it."""

    __slots__ = ("_codes",)

    def __init__(self) -> None:
        self._codes: dict[Hashable, int] = {}

    def code(self, *parts: str | None) -> int:
        """The number of these keys together; ``UNKNOWN`` when one of them is missing."""
        if None in parts:
            return UNKNOWN
        return self._codes.setdefault(parts, len(self._codes))


@dataclass(frozen=True, slots=True)
class Codebooks:
    """The three kinds of names that are compared."""

    artists: Codebook
    titles: Codebook
    albums: Codebook


@dataclass(frozen=True, slots=True)
class Columns:
    """Arrays over tracks with ascending ids; immutable, ``apply`` answers with new ones."""

    ids: IdArray
    artist: Codes
    title: Codes
    """Codes of (artist, title) pairs."""
    album: Codes
    """Codes of (album, artist) pairs."""
    bpm: npt.NDArray[np.float64]
    """NaN where there is no tempo."""
    danceability: npt.NDArray[np.float64]
    """NaN where there is none."""
    key: npt.NDArray[np.int8]
    """Key codes 0 to 23, or ``UNKNOWN``."""
    books: Codebooks

    @classmethod
    def of(cls, facets: Iterable[Facets], books: Codebooks | None = None) -> Columns:
        """Columns over these tracks, in any order, each once."""
        books = books or Codebooks(Codebook(), Codebook(), Codebook())
        rows = sorted(facets, key=lambda facet: facet.id)
        return cls(
            ids=np.array([row.id for row in rows], np.int64),
            artist=_codes(books.artists.code(row.artist_key) for row in rows),
            title=_codes(books.titles.code(row.artist_key, row.title_key) for row in rows),
            album=_codes(books.albums.code(row.album_key, row.artist_key or "") for row in rows),
            bpm=np.array([_number(row.bpm) for row in rows], np.float64),
            danceability=np.array([_number(row.danceability) for row in rows], np.float64),
            key=np.array([key_code(row.key, row.scale) for row in rows], np.int8),
            books=books,
        )

    def __len__(self) -> int:
        return len(self.ids)

    def take(self, ids: IdArray) -> Columns:
        """The columns of those of ``ids`` (ascending) that are known."""
        at, known = positions_of(self.ids, ids)
        return self._at(at[known])

    def apply(self, changed: Sequence[Facets], deleted: IdArray) -> Columns:
        """The columns after inserting or replacing ``changed`` and dropping ``deleted``."""
        fresh = Columns.of(changed, self.books)
        gone = np.isin(self.ids, fresh.ids) | np.isin(self.ids, deleted)
        kept = self._at(np.flatnonzero(~gone))
        joined = Columns(
            **{
                name: np.concatenate((getattr(kept, name), getattr(fresh, name)))
                for name in _ARRAYS
            },
            books=self.books,
        )
        return joined._at(np.argsort(joined.ids, kind="stable"))

    def _at(self, positions: npt.NDArray[np.intp]) -> Columns:
        return Columns(
            **{name: getattr(self, name)[positions] for name in _ARRAYS}, books=self.books
        )


_ARRAYS = ("ids", "artist", "title", "album", "bpm", "danceability", "key")


def key_code(key: str | None, scale: Scale | None) -> int:
    """0 to 11 for C major to B major, 12 to 23 for the minor keys, ``UNKNOWN`` without either."""
    if key is None or scale is None or key not in _PITCH_CODES:
        return UNKNOWN
    return _PITCH_CODES[key] + (MINOR_OFFSET if scale is Scale.MINOR else 0)


def _codes(codes: Iterable[int]) -> Codes:
    return np.fromiter(codes, np.int32)


def _number(value: float | None) -> float:
    return np.nan if value is None else value
