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
Mask = npt.NDArray[np.bool_]
TEMPO_IS_SURE = 1.5
"""A tempo heard with this confidence counts in full; RhythmExtractor2013 says so of its own."""
UNKNOWN = -1
"""The code of what a track does not say; two unknowns are not the same thing."""
MINOR_OFFSET = len(PITCH_CLASSES)
"""Key codes: 0 to 11 the major keys from C upwards, 12 to 23 the minor ones."""
_PITCH_CODES = {name: code for code, name in enumerate(PITCH_CLASSES)}


class Codebook:
    """Small numbers for names, and for sets of them. Grows only: every snapshot can share it."""

    __slots__ = ("_codes", "_members", "_sets_with")

    def __init__(self) -> None:
        self._codes: dict[Hashable, int] = {}
        self._members: dict[int, tuple[int, ...]] = {}
        self._sets_with: dict[int, tuple[int, ...]] = {}

    def code(self, names: Iterable[Hashable]) -> int:
        """The number of these names together, in any order; ``UNKNOWN`` without any."""
        codes = sorted({self._number(name) for name in names})
        if len(codes) < 2:
            return codes[0] if codes else UNKNOWN
        members = tuple(codes)
        known = self._codes.get(members)
        return self._new_set(members) if known is None else known

    def alike(self, code: int) -> frozenset[int]:
        """The codes of every set that shares a name with this one, its own among them."""
        if code == UNKNOWN:
            return frozenset()
        members = self._members.get(code, (code,))
        return frozenset(members).union(*(self._sets_with.get(one, ()) for one in members))

    def members(self, code: int) -> tuple[int, ...]:
        """The code of each name in a set; none of ``UNKNOWN``."""
        return () if code == UNKNOWN else self._members.get(code, (code,))

    def _number(self, name: Hashable) -> int:
        return self._codes.setdefault(name, len(self._codes))

    def _new_set(self, members: tuple[int, ...]) -> int:
        code = self._number(members)
        self._members[code] = members
        for one in members:
            self._sets_with[one] = (*self._sets_with.get(one, ()), code)
        return code


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
    """Codes of all artists of a track together: ``is_by`` compares them. Where the tags name none,
    the album stands in, or else the folder."""
    title: Codes
    """Codes of (artist, title) pairs, one for each artist: ``is_song`` compares them."""
    album: Codes
    """Codes of (album, first artist) pairs."""
    bpm: npt.NDArray[np.float64]
    """NaN where the tempo is not known with confidence."""
    danceability: npt.NDArray[np.float64]
    """NaN where there is none."""
    key: npt.NDArray[np.int8]
    """Key codes 0 to 23, or ``UNKNOWN``."""
    loudness_db: npt.NDArray[np.float64]
    """NaN where there is none."""
    tempo_confidence: npt.NDArray[np.float32]
    """0 to 1, as in ``TEMPO_IS_SURE``; 0 without a tempo."""
    key_strength: npt.NDArray[np.float32]
    """0 to 1; 0 without a key."""
    energy: npt.NDArray[np.float32]
    """0 to 1; NaN where there is none."""
    books: Codebooks

    @classmethod
    def of(cls, facets: Iterable[Facets], books: Codebooks | None = None) -> Columns:
        """Columns over these tracks, in any order, each once."""
        books = books or Codebooks(Codebook(), Codebook(), Codebook())
        rows = sorted(facets, key=lambda facet: facet.id)
        return cls(
            ids=np.array([row.id for row in rows], np.int64),
            artist=_codes(books.artists.code(row.artist_keys or _stand_in(row)) for row in rows),
            title=_codes(books.titles.code(_songs(row)) for row in rows),
            album=_codes(books.albums.code(_albums(row)) for row in rows),
            bpm=np.array([_number(row.known_bpm) for row in rows], np.float64),
            danceability=np.array([_number(row.danceability) for row in rows], np.float64),
            key=np.array([key_code(row.key, row.scale) for row in rows], np.int8),
            loudness_db=np.array([_number(row.loudness_db) for row in rows], np.float64),
            tempo_confidence=np.array([_tempo_confidence(row) for row in rows], np.float32),
            key_strength=np.array([_key_strength(row) for row in rows], np.float32),
            energy=np.array([_number(row.energy) for row in rows], np.float32),
            books=books,
        )

    def __len__(self) -> int:
        return len(self.ids)

    def is_by(self, artist: int) -> Mask:
        """Which tracks share an artist with this code; an unknown one is nobody's."""
        return _among(self.artist, self.books.artists.alike(artist))

    def is_song(self, title: int) -> Mask:
        """Which tracks have this title and share an artist with it."""
        return _among(self.title, self.books.titles.alike(title))

    def take(self, ids: IdArray) -> Columns:
        """The columns of those of ``ids`` (ascending) that are known."""
        at, known = positions_of(self.ids, ids)
        return self._at(at[known])

    def in_order(self, ids: IdArray) -> Columns:
        """The columns of ``ids``, all of them known, in the order asked."""
        return self._at(np.searchsorted(self.ids, ids))

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


_ARRAYS = (
    "ids",
    "artist",
    "title",
    "album",
    "bpm",
    "danceability",
    "key",
    "loudness_db",
    "tempo_confidence",
    "key_strength",
    "energy",
)


def key_code(key: str | None, scale: Scale | None) -> int:
    """0 to 11 for C major to B major, 12 to 23 for the minor keys, ``UNKNOWN`` without either."""
    if key is None or scale is None or key not in _PITCH_CODES:
        return UNKNOWN
    return _PITCH_CODES[key] + (MINOR_OFFSET if scale is Scale.MINOR else 0)


def _tempo_confidence(row: Facets) -> float:
    if row.known_bpm is None:
        return 0.0
    return 1.0 if row.bpm_confidence is None else min(1.0, row.bpm_confidence / TEMPO_IS_SURE)


def _key_strength(row: Facets) -> float:
    if key_code(row.key, row.scale) == UNKNOWN:
        return 0.0
    return 1.0 if row.key_strength is None else min(1.0, max(0.0, row.key_strength))


def _stand_in(row: Facets) -> list[tuple[str, str]]:
    """What a track without an artist counts by: no artist has a name of two parts."""
    named = ("album", row.album_key), ("folder", row.folder)
    return [(kind, name) for kind, name in named if name is not None][:1]


def _songs(row: Facets) -> list[tuple[str, str]]:
    return [(artist, row.title_key) for artist in row.artist_keys if row.title_key is not None]


def _albums(row: Facets) -> list[tuple[str, str]]:
    return [] if row.album_key is None else [(row.album_key, row.artist_key or "")]


def _among(codes: Codes, wanted: frozenset[int]) -> Mask:
    if len(wanted) == 1:
        return np.asarray(codes == next(iter(wanted)))
    return np.isin(codes, list(wanted))


def _codes(codes: Iterable[int]) -> Codes:
    return np.fromiter(codes, np.int32)


def _number(value: float | None) -> float:
    return np.nan if value is None else value
