"""Words as they are looked for: without accents and case, each sign of a script without spaces."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from harmonie_daemon.domain.text import folded_key

WORDS_VERSION = 1
"""Bump when ``searchable`` or ``words_of`` changes, so that words are collected anew."""
LONGEST_SEARCH = 500
"""Characters of a search that are read."""
MOST_WORDS = 24
"""Words of a search that count, the first ones."""
LONGEST_WORD = 64
"""Letters of a word that count."""
SHORTEST_PART = 3
"""Letters from which on a word is also looked for within others."""
_UNSPACED = (
    (0x3040, 0x30FF),  # kana
    (0x31F0, 0x31FF),
    (0x3400, 0x4DBF),  # Han
    (0x4E00, 0x9FFF),
    (0xAC00, 0xD7AF),  # Hangul: its words take endings
    (0xF900, 0xFAFF),
    (0x20000, 0x3FFFF),
)
"""Where words have no spaces between them, each sign counts as a word."""


@dataclass(frozen=True, slots=True)
class SearchWord:
    """One word of a search."""

    text: str
    """Folded; the signs of a script without spaces stand apart."""

    @property
    def is_part(self) -> bool:
        """Whether it is long enough to be looked for within other words."""
        return len(self.text) >= SHORTEST_PART and " " not in self.text


def searchable(text: str | None) -> str:
    """A name as words are looked for in it; blank for none."""
    folded = folded_key(text) or ""
    if folded.isascii():
        return folded
    return "".join(f" {sign} " if is_unspaced(sign) else sign for sign in folded)


def words_of(search: str) -> tuple[SearchWord, ...]:
    """The words of a search, each once; none if it holds neither a letter nor a digit."""
    folded = folded_key(search[:LONGEST_SEARCH]) or ""
    words = (SearchWord(word[:LONGEST_WORD].strip()) for word in _runs(folded))
    return tuple(dict.fromkeys(words))[:MOST_WORDS]


def is_unspaced(sign: str) -> bool:
    """Whether a sign is of a script that has no spaces between words."""
    number = ord(sign)
    return number >= _UNSPACED[0][0] and any(low <= number <= high for low, high in _UNSPACED)


def _runs(folded: str) -> Iterator[str]:
    """Letters and digits with their marks, parted by anything else and where scripts change."""
    run, unspaced = "", False
    for sign in folded:
        belongs = sign.isalnum() or (run != "" and unicodedata.category(sign).startswith("M"))
        if run and (not belongs or is_unspaced(sign) != unspaced):
            yield run
            run = ""
        if belongs:
            unspaced = is_unspaced(sign)
            run += f" {sign}" if unspaced and run else sign
    if run:
        yield run
