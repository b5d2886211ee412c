"""Words in other forms and in sloppy spelling: which known word is meant."""

from __future__ import annotations

import itertools
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache

from harmonie_daemon.discovery.small_words import small_words
from harmonie_daemon.discovery.vocabulary import meaning_of, single_words

SHORTEST, LONGEST = 4, 24
"""Letters of the shortest and the longest word that is taken for another."""
LONG = 8
"""Letters of a word in which more than a slip may be wrong: ``beatles`` are no ``battles``."""
MOST_MENDED = 4
"""Words of a text that are taken for others."""
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
WordCounts = Sequence[tuple[str, int]]
"""Words of the library, with how many tracks have each."""
_VOWELS = frozenset("aeiouy")
_SILENT = _VOWELS | {"h"}
_ALIKE = frozenset(map(frozenset, ("ck", "cs", "sz", "fv", "kq", "iy")))
"""Letters that are taken for each other."""
_VOWELS_MATTER = 7
"""Letters below which a word with another vowel is another word: ``strong`` is no ``string``."""
_SLIP, _FAULT = 0.5, 1.0
"""What a letter costs that is easily missed, and any other."""
_ENDINGS = (
    *(("ies", "y"), ("es", ""), ("'s", ""), ("s", ""), ("iest", "y"), ("est", ""), ("est", "e")),
    *(("ier", "y"), ("er", ""), ("er", "e"), ("ily", "y"), ("ly", ""), ("ish", ""), ("y", "")),
)
_COMPARATIVES = (("ier", "y"), ("er", ""), ("er", "e"))


def base_forms(word: str) -> Iterator[str]:
    """What a word may be a form of: ``ballads``, ``darkest``, ``jazzy``."""
    for ending, instead in _ENDINGS:
        yield from _without(word, ending, instead)


def is_comparative(word: str) -> bool:
    """Whether it says more of something that is understood: ``calmer``."""
    forms = (base for pair in _COMPARATIVES for base in _without(word, *pair))
    return any(meaning_of(base) is not None for base in forms)


def _without(word: str, ending: str, instead: str) -> Iterator[str]:
    if not word.endswith(ending) or len(word) - len(ending) < 3:
        return
    stem = word.removesuffix(ending)
    yield stem + instead
    if ending[0] in _VOWELS and stem[-1] == stem[-2] and stem[-1] not in _VOWELS:
        yield stem[:-1]  # sadder


def meant_by(word: str, library: WordCounts, *, is_name: bool) -> str | None:
    """The known word that somebody misspelt, if there is one near enough.

    ``library`` are words of its tracks that begin alike, with how many have them. A name is only
    looked for among those.
    """
    found = [(_cost(word, term), -count, term) for term, count in library]
    if not is_name:
        found += [(_cost(word, term), -1, term) for term in _by_initial().get(word[:1], ())]
    near = [one for one in found if one[0] <= _most(word)]
    return min(near)[2] if near else None


@cache
def _by_initial() -> Mapping[str, Sequence[str]]:
    initials: dict[str, list[str]] = defaultdict(list)
    for word in sorted(single_words() | small_words()):
        if len(word) >= SHORTEST:
            initials[word[0]].append(word)
    return initials


def _most(word: str) -> float:
    """What may be wrong in a word."""
    return _SLIP if len(word) < LONG else _FAULT


def _cost(word: str, meant: str) -> float:
    """How badly a word would be misspelt: an edit distance with cheaper slips."""
    far = _most(word) + 1
    if _SLIP * abs(len(word) - len(meant)) > _most(word):
        return far
    rows = [[0.0] * (len(meant) + 1) for _ in range(len(word) + 1)]
    for j in range(1, len(meant) + 1):
        rows[0][j] = rows[0][j - 1] + _missing(meant, j - 1)
    for i in range(1, len(word) + 1):
        rows[i][0] = rows[i - 1][0] + _missing(word, i - 1)
        for j in range(1, len(meant) + 1):
            best = min(
                rows[i - 1][j - 1] + _instead(word[i - 1], meant[j - 1], len(word)),
                rows[i - 1][j] + _missing(word, i - 1),
                rows[i][j - 1] + _missing(meant, j - 1),
            )
            if i > 1 and j > 1 and word[i - 2 : i] == meant[j - 2 : j][::-1]:
                best = min(best, rows[i - 2][j - 2] + _SLIP)
            rows[i][j] = best
        if min(rows[i]) >= far:
            return far  # and will be no nearer
    return rows[-1][-1]


def _missing(word: str, at: int) -> float:
    """What it costs to leave out or to add this letter."""
    is_double = at > 0 and word[at - 1] == word[at]
    is_plural = at == len(word) - 1 and word[at] == "s"
    return _SLIP if is_double or is_plural or word[at] in _SILENT else _FAULT


def _instead(written: str, meant: str, length: int) -> float:
    if written == meant:
        return 0.0
    both = frozenset((written, meant))
    is_vowel = both <= _VOWELS and length >= _VOWELS_MATTER
    return _SLIP if is_vowel or both in _ALIKE else _FAULT


def respelt(plain: str, meant: Mapping[str, str]) -> str:
    """A text (small letters, no accents) with these words in the place of those misspelt."""
    return _WORD.sub(lambda found: meant.get(found[0], found[0]), plain)


def strangers(words: Iterable[str]) -> list[str]:
    """Those of words that nobody knows which may be misspelt ones; the first few."""
    may_be = (word for word in words if SHORTEST <= len(word) <= LONGEST and word.isalpha())
    return list(itertools.islice(may_be, MOST_MENDED))
