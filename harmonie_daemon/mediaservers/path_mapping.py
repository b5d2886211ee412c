"""The same file below another mount point: mappings from our folders to theirs.

A mapping is learned from tracks whose last path components occur exactly once on either side:
each votes for the pair of prefixes that remains when the common tail is taken off.
"""

from __future__ import annotations

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

Parts = tuple[str, ...]
"""The components of a path, folded for comparison."""

TAIL_COMPONENTS = 3
"""Artist, album and file name identify a file wherever the library is mounted."""
LEAST_VOTES = 20
"""Votes a learned mapping needs; below a smaller folder, those of every track in it."""
LEAST_AGREEMENT = 0.95
DURATION_TOLERANCE_S = 3.0


@dataclass(frozen=True, slots=True)
class Located:
    """A file as one side sees it."""

    path: str
    depth: int
    """Components below the library root; where the root is unknown, all of them."""
    duration_s: float | None


@dataclass(frozen=True, slots=True)
class FolderMapping:
    """The same folder by our name and by theirs."""

    ours: str
    theirs: str


def folded_parts(path: str) -> Parts:
    """Components as they are compared: NFC, case-folded, either kind of slash."""
    folded = unicodedata.normalize("NFC", path).casefold()
    return tuple(part for part in _components(unicodedata.normalize("NFC", folded)) if part)


def translate(parts: Parts, ours: Parts, theirs: Parts) -> Parts | None:
    """Our path by their name; ``None`` when it lies elsewhere."""
    return theirs + parts[len(ours) :] if parts[: len(ours)] == ours else None


def longest_first(mappings: Iterable[FolderMapping]) -> tuple[FolderMapping, ...]:
    """The most specific folder of ours first."""
    return tuple(sorted(mappings, key=lambda mapping: -len(folded_parts(mapping.ours))))


def learn_mappings(ours: Sequence[Located], theirs: Sequence[Located]) -> tuple[FolderMapping, ...]:
    """The mappings that enough tracks agree on, most specific first."""
    votes: dict[Parts, Counter[Parts]] = defaultdict(Counter)
    names: dict[tuple[Parts, Parts], FolderMapping] = {}
    for our, their in _pairs(ours, theirs):
        pair, mapping = _prefixes(our, their)
        votes[pair[0]][pair[1]] += 1
        names.setdefault(pair, mapping)
    below = _tracks_below(ours, votes)
    return longest_first(
        names[prefix, winner]
        for prefix, counter in votes.items()
        for winner, count in counter.most_common(1)
        if count >= min(LEAST_VOTES, below[prefix]) and count >= LEAST_AGREEMENT * counter.total()
    )


def _pairs(ours: Sequence[Located], theirs: Sequence[Located]) -> Iterable[tuple[Located, Located]]:
    """Files whose tails occur once on either side and whose durations do not contradict it."""
    our_tails = _by_tail(ours, {TAIL_COMPONENTS})
    short = [one for one in ours if one.depth < TAIL_COMPONENTS]
    our_tails |= _by_tail(short, {one.depth for one in short})
    their_tails = _by_tail(theirs, {len(tail) for tail in our_tails})
    for tail, candidates in our_tails.items():
        matches = their_tails.get(tail, ())
        if len(candidates) == len(matches) == 1 and _durations_agree(candidates[0], matches[0]):
            yield candidates[0], matches[0]


def _by_tail(files: Iterable[Located], lengths: Iterable[int]) -> dict[Parts, list[Located]]:
    tails: dict[Parts, list[Located]] = defaultdict(list)
    wanted = tuple(lengths)
    for file in files:
        parts = folded_parts(file.path)
        for length in wanted:
            if length <= file.depth:
                tails[parts[-length:]].append(file)
    return tails


def _prefixes(ours: Located, theirs: Located) -> tuple[tuple[Parts, Parts], FolderMapping]:
    """What remains of both paths when the common tail (inside our root) is taken off."""
    our_parts, their_parts = folded_parts(ours.path), folded_parts(theirs.path)
    tail = 0
    for mine, yours in zip(reversed(our_parts), reversed(their_parts), strict=False):
        if mine != yours or tail == ours.depth:
            break
        tail += 1
    mapping = FolderMapping(_without_tail(ours.path, tail), _without_tail(theirs.path, tail))
    pair = our_parts[: len(our_parts) - tail], their_parts[: len(their_parts) - tail]
    return pair, mapping


def _tracks_below(ours: Iterable[Located], prefixes: Mapping[Parts, object]) -> Counter[Parts]:
    """How many of our files lie below each of the prefixes."""
    lengths = {len(prefix) for prefix in prefixes}
    counts: Counter[Parts] = Counter()
    for file in ours:
        parts = folded_parts(file.path)
        counts.update(parts[:n] for n in lengths if n < len(parts) and parts[:n] in prefixes)
    return counts


def _durations_agree(one: Located, other: Located) -> bool:
    if one.duration_s is None or other.duration_s is None:
        return True
    return abs(one.duration_s - other.duration_s) <= DURATION_TOLERANCE_S


def _components(path: str) -> list[str]:
    return path.replace("\\", "/").split("/")


def _without_tail(path: str, tail: int) -> str:
    components = _components(path)
    return "/".join(components[: len(components) - tail]) or "/"
