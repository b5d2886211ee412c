"""A text in pieces: words, ends of clauses, and what is said in numbers."""

from __future__ import annotations

import re
from dataclasses import dataclass

from harmonie_daemon.discovery.measures import taken_out
from harmonie_daemon.discovery.vocabulary import Meaning
from harmonie_daemon.domain.text import folded_key
from harmonie_daemon.store.keys import clean_text

LONGEST_TEXT = 500
"""Characters that are read; the API refuses longer texts."""
LONGEST_NAME = 8
"""Words of the longest name that is looked for."""

_BRACKETS = str.maketrans({"\u27e6": " ", "\u27e7": " "})
"""They mark what was said in numbers while the rest is being read."""
_DIVIDERS = str.maketrans({"-": " ", "_": " ", "/": " ", "\u2026": "."})
_TOKEN = re.compile(r"\u27e6\d+\u27e7|[^\W_]+(?:'[^\W_]+)*|[.,;:!?()\"]")
_STOPS = frozenset('.,;:!?()"')


@dataclass(frozen=True, slots=True)
class Numbered:
    """What was said in numbers, with the words that said it."""

    phrase: str
    meaning: Meaning


@dataclass(frozen=True, slots=True)
class Piece:
    """A word, a stop, or something said in numbers."""

    text: str
    start: int
    end: int
    numbered: Numbered | None = None

    @property
    def is_stop(self) -> bool:
        """Whether a clause ends here."""
        return self.text in _STOPS


@dataclass(frozen=True, slots=True)
class Reading:
    """A text and its pieces."""

    plain: str
    """In small letters without accents; what was said in numbers is a mark."""
    pieces: tuple[Piece, ...]

    def phrase(self, start: int, end: int) -> str:
        """The words of these pieces, with single spaces."""
        return " ".join(piece.text for piece in self.pieces[start:end])

    def name(self, start: int, end: int) -> str:
        """These pieces as they are written, with the signs between them: ``ac/dc``."""
        return self.plain[self.pieces[start].start : self.pieces[end - 1].end]

    def is_run(self, start: int, end: int) -> bool:
        """Whether these pieces are there, and all of them words."""
        run = self.pieces[start:end]
        return len(run) == end - start and not any(one.is_stop or one.numbered for one in run)


def read(text: str) -> Reading:
    """The pieces of the first ``LONGEST_TEXT`` characters."""
    plain = plainly(text)
    said: list[Numbered] = []

    def mark(phrase: str, meaning: Meaning) -> str:
        said.append(Numbered(" ".join(phrase.split()), meaning))
        return f" \u27e6{len(said) - 1}\u27e7 "

    plain = taken_out(plain, mark)
    pieces = (_piece(found, said) for found in _TOKEN.finditer(plain.translate(_DIVIDERS)))
    return Reading(plain, tuple(pieces))


def plainly(text: str) -> str:
    """The characters that are read, in small letters without accents, with single spaces."""
    return " ".join((folded_key(_clean(text)) or "").split())


def _clean(text: str) -> str | None:
    return clean_text(text[:LONGEST_TEXT].translate(_BRACKETS))


def _piece(found: re.Match[str], said: list[Numbered]) -> Piece:
    text = found[0]
    numbered = said[int(text[1:-1])] if text.startswith("\u27e6") else None
    return Piece(text, found.start(), found.end(), numbered)
