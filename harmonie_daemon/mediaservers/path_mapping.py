"""The same file below another mount point: mappings from our folders to theirs.

A mapping is learned from tracks whose last path components occur exactly once on either side:
each votes for the pair of prefixes that remains when the common tail is taken off.
"""

from __future__ import annotations

import unicodedata
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Parts = tuple[str, ...]
"""The components of a path, folded for comparison."""

TAIL_COMPONENTS = 3
"""Artist, album and file name identify a file wherever the library is mounted."""
LEAST_VOTES = 20
"""Votes a learned mapping needs; below a smaller folder, those of every track in it."""
LEAST_AGREEMENT = 0.95
DURATION_TOLERANCE_S = 3.0


class Located(NamedTuple):
    """A file as one side sees it; there are many of them."""

    path: str
    depth: int | None
    """Components below the library root; ``None`` where the root is unknown."""
    duration_s: float | None


@dataclass(frozen=True, slots=True)
class FolderMapping:
    """The same folder by our name and by theirs."""

    ours: str
    theirs: str


def folded_parts(path: str) -> Parts:
    """Components as they are compared: NFC, case-folded, either kind of slash."""
    return tuple(filter(None, _components(_folded(path))))


def _folded(path: str) -> str:
    if path.isascii():  # most are, and several times as fast
        return path.lower()
    folded = unicodedata.normalize("NFC", path).casefold()
    return unicodedata.normalize("NFC", folded)


def translate(parts: Parts, ours: Parts, theirs: Parts) -> Parts | None:
    """Our path by their name; ``None`` when it lies elsewhere."""
    return theirs + parts[len(ours) :] if parts[: len(ours)] == ours else None


def renamed(path: str, names: Iterable[tuple[str, str]]) -> str | None:
    """A path below the longest folder of ours that fits, by their name for that folder.

    ``names``: folders as we name them and as they do; an empty name of theirs makes the path
    relative. Backslashes where their name has them alone. ``None`` when the path lies elsewhere.
    """
    for ours, theirs in sorted(names, key=lambda pair: -len(pair[0].rstrip("/"))):
        folder = ours.rstrip("/") + "/"
        if path.startswith(folder):
            below = path[len(folder) :]
            if "\\" in theirs and "/" not in theirs:  # as Windows writes it
                return theirs.rstrip("\\") + "\\" + below.replace("/", "\\")
            return f"{theirs.rstrip('/')}/{below}" if theirs else below
    return None


def longest_first(mappings: Iterable[FolderMapping]) -> tuple[FolderMapping, ...]:
    """The most specific folder of ours first."""
    return tuple(sorted(mappings, key=lambda mapping: -len(folded_parts(mapping.ours))))


def learn_mappings(ours: Sequence[Located], theirs: Sequence[Located]) -> tuple[FolderMapping, ...]:
    """The mappings that enough tracks agree on, most specific first."""
    learner = MappingLearner()
    for number, our in enumerate(ours):
        learner.add_ours(number, our)
    for number, their in enumerate(theirs):
        learner.add_theirs(number, their)
    for our_number, their_number in learner.pairs():
        learner.vote(ours[our_number], theirs[their_number])
    if learner.must_count():
        for our in ours:
            learner.count(our)
    return learner.mappings()


class MappingLearner:
    """Learns step by step, so that neither side need be in memory: eight bytes a tail are.

    All of ours are added, then all of theirs, each by a number; the pairs vote; where the votes
    alone do not tell, all of ours are counted.
    """

    def __init__(self) -> None:
        self._ours = _Tails()
        self._theirs = _Tails()
        self._lengths = {TAIL_COMPONENTS}
        """Of the tails that are compared: shorter ones for files that lie less deep."""
        self._short: dict[int, _Tails] = defaultdict(_Tails)
        """Of files of ours that lie less deep, by each length that they have."""
        self._votes: dict[Parts, Counter[Parts]] = defaultdict(Counter)
        self._names: dict[tuple[Parts, Parts], FolderMapping] = {}
        self._below: Counter[Parts] = Counter()
        self._small: set[Parts] = set()
        self._depths: set[int] = set()
        """Of the folders with few votes."""

    def add_ours(self, number: int, our: Located) -> None:
        """The file that we call by this number."""
        parts = folded_parts(our.path)
        if our.depth is None or our.depth >= TAIL_COMPONENTS:
            self._ours.add(number, parts, (TAIL_COMPONENTS,))
            return
        self._lengths.add(our.depth)
        for length in range(1, our.depth + 1):
            self._short[length].add(number, parts, (length,))

    def add_theirs(self, number: int, their: Located) -> None:
        """The file that they call by this number."""
        parts = folded_parts(their.path)
        self._theirs.add(number, parts, [one for one in self._lengths if one <= len(parts)])

    def pairs(self) -> list[tuple[int, int]]:
        """Numbers of the files whose tails occur once on either side; ours ascending."""
        for length in self._lengths & self._short.keys():
            self._ours.extend(self._short.pop(length))
        return self._ours.pairs(self._theirs)

    def vote(self, our: Located, their: Located) -> None:
        """Such a pair, unless its durations contradict it."""
        if not _durations_agree(our, their):
            return
        pair, tail = _prefixes(our, their)
        self._votes[pair[0]][pair[1]] += 1
        if pair not in self._names:
            names = _without_tail(our.path, tail), _without_tail(their.path, tail)
            self._names[pair] = FolderMapping(*names)

    def must_count(self) -> bool:
        """After the votes: whether folders have few, so that it matters what else is below."""
        self._small = {
            folder for folder, votes in self._votes.items() if max(votes.values()) < LEAST_VOTES
        }
        self._depths = {len(folder) for folder in self._small}
        return bool(self._small)

    def count(self, our: Located) -> None:
        """Say of each of our files that it is there, where ``must_count`` said so."""
        parts = folded_parts(our.path)
        self._below.update(
            parts[:n] for n in self._depths if n < len(parts) and parts[:n] in self._small
        )

    def mappings(self) -> tuple[FolderMapping, ...]:
        """Those that enough files agree on, most specific first."""
        return longest_first(
            self._names[prefix, winner]
            for prefix, counter in self._votes.items()
            for winner, count in counter.most_common(1)
            if count >= min(LEAST_VOTES, self._below[prefix])
            and count >= LEAST_AGREEMENT * counter.total()
        )


class _Tails:
    """Last components of paths, as hashes, and whose they are."""

    def __init__(self) -> None:
        self._hashes = array("q")
        self._numbers = array("q")

    def add(self, number: int, parts: Parts, lengths: Iterable[int]) -> None:
        for length in lengths:
            self._hashes.append(hash((length, *parts[-length:])))
            self._numbers.append(number)

    def extend(self, other: _Tails) -> None:
        self._hashes.extend(other._hashes)
        self._numbers.extend(other._numbers)

    def pairs(self, other: _Tails) -> list[tuple[int, int]]:
        """Numbers of what occurs once here and once there; ours ascending, each pair once."""
        mine, my_numbers = self._unique()
        yours, your_numbers = other._unique()
        _, at, to = np.intersect1d(mine, yours, assume_unique=True, return_indices=True)
        found = zip(my_numbers[at].tolist(), your_numbers[to].tolist(), strict=True)
        return sorted(set(found))

    def _unique(self) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        hashes = np.array(self._hashes, dtype=np.int64)
        numbers = np.array(self._numbers, dtype=np.int64)
        values, first, counts = np.unique(hashes, return_index=True, return_counts=True)
        return values[counts == 1], numbers[first[counts == 1]]


def _prefixes(ours: Located, theirs: Located) -> tuple[tuple[Parts, Parts], int]:
    """What remains when the common tail (inside our root) is taken off, and its length."""
    our_parts, their_parts = folded_parts(ours.path), folded_parts(theirs.path)
    tail = 0
    for mine, yours in zip(reversed(our_parts), reversed(their_parts), strict=False):
        if mine != yours or tail == ours.depth:
            break
        tail += 1
    return (our_parts[: len(our_parts) - tail], their_parts[: len(their_parts) - tail]), tail


def _durations_agree(one: Located, other: Located) -> bool:
    if one.duration_s is None or other.duration_s is None:
        return True
    return abs(one.duration_s - other.duration_s) <= DURATION_TOLERANCE_S


def _components(path: str) -> list[str]:
    return path.replace("\\", "/").split("/")


def _without_tail(path: str, tail: int) -> str:
    components = _components(path)
    return "/".join(components[: len(components) - tail]) or "/"
