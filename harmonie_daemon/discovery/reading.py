"""A text in pieces: words, ends of clauses, and the tempos and years written in numbers."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from harmonie_daemon.discovery.signs import Sign, TempoSign, YearSign
from harmonie_daemon.discovery.vocabulary import Meaning, Topic
from harmonie_daemon.domain.text import folded_key
from harmonie_daemon.store.keys import clean_text

LONGEST_TEXT = 500
"""Characters that are read; the API refuses longer texts."""
LONGEST_NAME = 8
"""Words of the longest name that is looked for."""
AROUND_BPM = 6.0
"""How far from a tempo that is asked for one still is that tempo."""

_BRACKETS = str.maketrans({"\u27e6": " ", "\u27e7": " "})
"""They mark what was said in numbers while the rest is being read."""
_DIVIDERS = str.maketrans({"-": " ", "_": " ", "/": " ", "\u2026": "."})
_TOKEN = re.compile(r"\u27e6\d+\u27e7|[^\W_]+(?:'[^\W_]+)*|[.,;:!?()\"]")
_STOPS = frozenset('.,;:!?()"')
_DECADE_NAMES = {
    **{"fifties": 1950, "sixties": 1960, "seventies": 1970, "eighties": 1980, "nineties": 1990},
    **{"noughties": 2000, "two thousands": 2000},
}
_BPM = re.compile(
    r"(?P<side>under|below|over|above|at least|at most|up to|from)?\s*"
    r"(?<!\d)(?P<low>\d{2,3})(?:\s*(?:-|\u2013|to|and|\.\.)\s*(?P<high>\d{2,3}))?\s*"
    r"(?:bpm|beats per minute|beats a minute)\b"
)
_DECADE = re.compile(
    r"(?:(?P<part>early|mid|late)[\s-]*)?(?<!\d)'?(?P<decade>(?:19|20)?\d0)'?s\b"
    rf"|\b(?P<name>{'|'.join(_DECADE_NAMES)})\b"
)
_YEARS = re.compile(
    r"(?:\b(?P<side>before|until|till|after|since|from|in|between|of)\s+)?"
    r"(?<!\d)(?P<first>(?:19|20)\d\d)(?!\d)(?:\s*(?:-|\u2013|to|and|until|till)\s*"
    r"(?P<last>(?:19|20)\d\d)(?!\d))?"
)
_BEFORE, _AFTER = frozenset({"before", "until", "till"}), frozenset({"after", "since"})
_UNDER, _OVER = frozenset({"under", "below", "at most", "up to"}), frozenset({"over", "above"})
_PARTS = {"early": (0, 3), "mid": (3, 6), "late": (6, 9), None: (0, 9)}
_THIS_CENTURY = 30
"""Decades of two digits below this are those after 2000."""


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
    plain = " ".join((folded_key(_clean(text)) or "").split())
    said: list[Numbered] = []
    for pattern, sign_of in ((_BPM, _tempo), (_DECADE, _decade), (_YEARS, _years)):
        plain = pattern.sub(partial(_marked, sign_of, said), plain)
    pieces = (_piece(found, said) for found in _TOKEN.finditer(plain.translate(_DIVIDERS)))
    return Reading(plain, tuple(pieces))


def _clean(text: str) -> str | None:
    return clean_text(text[:LONGEST_TEXT].translate(_BRACKETS))


def _marked(
    sign_of: Callable[[re.Match[str]], Sign], said: list[Numbered], found: re.Match[str]
) -> str:
    """Remember what was said in numbers, and leave a mark in its place."""
    sign = sign_of(found)
    topic = Topic.TEMPO if isinstance(sign, TempoSign) else Topic.ERA
    said.append(Numbered(" ".join(found[0].split()), Meaning(topic, ((sign, 1.0),))))
    return f" \u27e6{len(said) - 1}\u27e7 "


def _piece(found: re.Match[str], said: list[Numbered]) -> Piece:
    text = found[0]
    numbered = said[int(text[1:-1])] if text.startswith("\u27e6") else None
    return Piece(text, found.start(), found.end(), numbered)


def _tempo(found: re.Match[str]) -> Sign:
    low = float(found["low"])
    high = float(found["high"]) if found["high"] else None
    if high is not None:
        return TempoSign(min(low, high), max(low, high))
    if found["side"] in _UNDER:
        return TempoSign(None, low)
    if found["side"] in _OVER or found["side"] == "at least":
        return TempoSign(low, None)
    return TempoSign(low - AROUND_BPM, low + AROUND_BPM)


def _decade(found: re.Match[str]) -> Sign:
    if found["name"]:
        decade = _DECADE_NAMES[found["name"]]
    else:
        decade = int(found["decade"])
        if decade < 100:
            decade += 2000 if decade < _THIS_CENTURY else 1900
    first, last = _PARTS[found["part"]]
    return YearSign(decade + first, decade + last)


def _years(found: re.Match[str]) -> Sign:
    first = int(found["first"])
    if found["last"]:
        last = int(found["last"])
        return YearSign(min(first, last), max(first, last))
    if found["side"] in _BEFORE:
        return YearSign(None, first - (found["side"] == "before"))
    if found["side"] in _AFTER:
        return YearSign(first + (found["side"] == "after"), None)
    return YearSign(first, first)
