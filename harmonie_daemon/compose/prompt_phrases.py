"""Phrases of the lexicon in a text: where they are, and whether the text denies them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Set
from dataclasses import dataclass
from typing import TypeVar

from harmonie_daemon.compose import lexicon
from harmonie_daemon.compose.prompt_tokens import Token

_LONGEST_PHRASE = 4
"""Tokens of the longest phrase in the lexicon."""
_Value = TypeVar("_Value")


@dataclass(frozen=True, slots=True)
class PhraseMatch:
    """A phrase of the lexicon at its place; ``denied`` if a negation goes before it."""

    first: int
    last: int
    phrase: str
    denied: bool


class PhraseFinder:
    """Looks for phrases in the tokens of a text that say nothing else."""

    def __init__(self, tokens: tuple[Token, ...], taken: Set[int]) -> None:
        self._tokens = tokens
        self._taken = taken

    def says(self, words: Collection[str]) -> bool:
        """Whether one of these words is there."""
        return any(token.text in words for token in self._tokens)

    def matches(self, phrases: Mapping[str, _Value]) -> Iterator[tuple[PhraseMatch, _Value]]:
        """From left to right, the longest at each place, none inside another."""
        at, chain = 0, False
        while at < len(self._tokens):
            last = self._longest(phrases, at)
            if last is None:
                chain = chain and self._tokens[at].text in lexicon.ENUMERATIONS
                at += 1
                continue
            phrase = " ".join(token.text for token in self._tokens[at:last])
            denied = chain or self._denied(at)
            yield PhraseMatch(at, last, phrase, denied), phrases[phrase]
            at, chain = last, denied

    def _longest(self, phrases: Mapping[str, object], at: int) -> int | None:
        for size in range(_LONGEST_PHRASE, 0, -1):
            if at + size > len(self._tokens) or not self._taken.isdisjoint(range(at, at + size)):
                continue
            if " ".join(token.text for token in self._tokens[at : at + size]) in phrases:
                return at + size
        return None

    def _denied(self, at: int) -> bool:
        before = at - 1
        while before >= 0 and self._tokens[before].text in lexicon.FILLERS:
            before -= 1
        return before >= 0 and self._tokens[before].text in lexicon.NEGATIONS
