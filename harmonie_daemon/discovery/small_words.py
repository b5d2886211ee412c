"""The small words: those that steer how a text is read, and those that say nothing."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from importlib.resources import files


class WordRole(StrEnum):
    """What a small word does."""

    NEGATION = "negations"
    FILLER = "fillers"
    ENUMERATION = "enumerations"
    TURN = "turns"
    LIKENESS = "likenesses"
    AUTHORSHIP = "authorships"
    STOPWORD = "stopwords"


def is_a(role: WordRole, word: str) -> bool:
    """Whether a word (small letters) has this role; it may have several."""
    return word in _words()[role]


def says_something(word: str) -> bool:
    """Whether a word may be about the music that is wanted."""
    silent = (WordRole.STOPWORD, WordRole.NEGATION, WordRole.TURN)
    return not any(is_a(role, word) for role in silent)


def small_words() -> frozenset[str]:
    """All of them."""
    return frozenset().union(*_words().values())


@cache
def _words() -> Mapping[WordRole, frozenset[str]]:
    """Read once per process."""
    text = (files("harmonie_daemon.discovery") / "data" / "small_words.txt").read_text("utf-8")
    found: dict[WordRole, frozenset[str]] = dict.fromkeys(WordRole, frozenset())
    role = WordRole.STOPWORD
    for line in text.splitlines():
        if line.startswith("["):
            role = WordRole(line.strip("[]"))
        elif not line.startswith("#"):
            found[role] |= frozenset(line.split())
    return found
