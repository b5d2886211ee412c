"""A title as it can be drawn: which letters, in which fonts, in which lines.

Rather no title than boxes: where a letter or a digit has no font, nothing is written. What is no
letter, an emoji for example, is left out when it has none.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from PIL import features

from harmonie_daemon.mediaservers.covers.fonts import OWN_FACE, FontFace, is_own, system_face

LONGEST_TITLE = 200
"""Characters that are read of a title."""
MOST_MARKS = 3
"""Marks on one letter; more are there to climb over lines."""
ELLIPSIS = "…"
_HYPHEN = "-"
_SIZES = (168, 150, 134, 120, 107, 95, 85, 76, 68, 60, 54)
"""Of letters, in pixels of a picture that is 1024 wide."""
_SMALLEST_WHOLE = 76
"""Down to this size long words stay whole."""
_LEADING = 1.16
_WORDS = re.compile(r"\S+\s*(?:[^\w\s(\[{«„“¡¿]+(?:\s+|$))*")
"""With signs that stand alone: none of them begins a line."""
_JOINERS = "\u200c\u200d"
_BLANKS = re.compile(r"\s+")
_NEED_SHAPING = re.compile(
    "[\u0590-\u08ff\u0900-\u0dff\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff\ufb1d-\ufdff\ufe70-\ufeff]"
)
"""Written from right to left, or with letters that change beside each other."""
_IDEOGRAPHS = re.compile(
    "[\u1100-\u11ff\u2e80-\u9fff\uac00-\ud7ff\uf900-\ufaff\U00020000-\U0003ffff]"
)


@dataclass(frozen=True, slots=True)
class GlyphRun:
    """Some letters in one font."""

    text: str
    face: FontFace

    def width(self, size: int) -> float:
        """In pixels."""
        return float(self.face.at(size).getlength(self.text))


@dataclass(frozen=True, slots=True)
class Lines:
    """A title in lines of runs, as they stand from left to right."""

    lines: tuple[tuple[GlyphRun, ...], ...]
    size: int
    """Of the letters, in pixels."""
    is_from_right: bool
    """Whether lines begin at the right."""

    @property
    def leading(self) -> int:
        """From line to line, in pixels."""
        return round(self.size * _LEADING)


@dataclass(frozen=True, slots=True)
class Lettering:
    """A title that can be drawn."""

    text: str
    fallback: FontFace | None
    """For what the font that comes along lacks."""
    is_whole: bool
    """Whether the fallback has all of it, so that it is one run."""

    @property
    def faces(self) -> tuple[str, ...]:
        """What it is drawn with, in words."""
        return () if self.fallback is None else (self.fallback.path,)

    def runs(self, text: str) -> tuple[GlyphRun, ...]:
        """Part of the title in as few runs as its fonts allow, as they stand from left to right."""
        if self.fallback is None:
            return (GlyphRun(text, OWN_FACE),)
        if self.is_whole:
            return (GlyphRun(text, self.fallback),)
        runs = tuple(
            GlyphRun("".join(part), OWN_FACE if own else self.fallback)
            for own, part in groupby(text, key=_is_own_or_blank)
        )
        return runs[::-1] if is_from_right(self.text) else runs

    def width(self, text: str, size: int) -> float:
        """In pixels."""
        return sum(run.width(size) for run in self.runs(text))


def lettering(title: str) -> Lettering | None:
    """How to write a title; ``None``: better not at all. May ask fontconfig, which takes time."""
    text = readable(title)
    if _NEED_SHAPING.search(text) and not features.check("raqm"):
        return None
    missing = {letter for letter in text if not _is_own_or_blank(letter)}
    if not missing:
        return Lettering(text, None, False) if text else None
    whole = system_face({letter for letter in text if letter != " "})
    if whole is not None:
        return Lettering(text, whole, True)
    needed = {letter for letter in missing if _is_letter(letter)}
    fallback = system_face(missing)
    if fallback is None:  # perhaps it is only that nobody has the emoji
        text = _BLANKS.sub(" ", "".join(one for one in text if one not in missing - needed)).strip()
        fallback = system_face(needed)
    if needed and fallback is None:
        return None
    return Lettering(text, fallback, False) if text else None


def readable(title: str) -> str:
    """The title without what is not seen, in one line, composed, at most 200 characters."""
    composed = unicodedata.normalize("NFC", title[: 4 * LONGEST_TITLE])
    spaced = _BLANKS.sub(" ", composed)
    text = "".join(_without_piles(letter for letter in spaced if _is_seen(letter))).strip()
    text = text.strip(_JOINERS)
    return text if len(text) <= LONGEST_TITLE else text[: LONGEST_TITLE - 1].rstrip() + ELLIPSIS


def is_from_right(text: str) -> bool:
    """Whether the first letter with a direction is written to the left (UAX 9, P2)."""
    for letter in text:
        direction = unicodedata.bidirectional(letter)
        if direction in ("L", "R", "AL"):
            return direction != "L"
    return False


def laid_out(words: Lettering, width: int, height: int, scale: float) -> Lines:
    """The title in the largest letters with which it fits into ``width`` by ``height`` pixels.

    Long words stay whole while the letters are large enough; what does not fit into the smallest
    ends in an ellipsis.
    """
    for base in _SIZES:
        size = round(base * scale)
        most = max(1, int(height / (size * _LEADING)))
        lines = _wrapped(words, size, width, breaks_words=base < _SMALLEST_WHOLE)
        if lines is not None and len(lines) <= most:
            even = _evened(words, size, width, lines, breaks_words=base < _SMALLEST_WHOLE)
            return _lines(words, even, size)
    lines = (_wrapped(words, size, width, breaks_words=True) or [words.text])[:most]
    lines[-1] = _ended(words, lines[-1], size, width)
    return _lines(words, lines, size)


def _lines(words: Lettering, lines: Sequence[str], size: int) -> Lines:
    return Lines(tuple(words.runs(line) for line in lines), size, is_from_right(words.text))


def _wrapped(words: Lettering, size: int, width: float, *, breaks_words: bool) -> list[str] | None:
    """Filled line by line; ``None`` when a word would have to be broken and must not be."""
    lines: list[str] = []
    line = ""
    for piece in _pieces(words.text):
        joined = line + piece
        if words.width(joined.rstrip(), size) <= width:
            line = joined
            continue
        if line.strip():
            lines.append(line.rstrip())
        line = piece
        while words.width(line.rstrip(), size) > width:
            if not breaks_words:
                return None
            hyphen = "" if is_from_right(line) else _HYPHEN
            cut = _longest(words, line, size, width - words.width(hyphen, size))
            lines.append(line[:cut] + (hyphen if line[cut - 1 : cut + 1].isalpha() else ""))
            line = line[cut:]
    return [*lines, line.rstrip()] if line.strip() else lines


def _evened(
    words: Lettering, size: int, width: float, lines: list[str], *, breaks_words: bool
) -> list[str]:
    """As many lines, of lengths as alike as can be: the narrowest width that needs no more."""
    narrow, wide = width / 3, width
    breaks_words = breaks_words and _wrapped(words, size, width, breaks_words=False) is None
    while len(lines) > 1 and wide - narrow > size / 8:
        middle = (narrow + wide) / 2
        tried = _wrapped(words, size, middle, breaks_words=breaks_words)
        if tried is None or len(tried) > len(lines):
            narrow = middle
        else:
            wide, lines = middle, tried
    return lines


def _longest(words: Lettering, text: str, size: int, width: float) -> int:
    """How many letters fit, one at least; letters keep their marks."""
    low, high = 1, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if words.width(text[:middle], size) <= width:
            low = middle
        else:
            high = middle - 1
    while low > 1 and low < len(text) and unicodedata.combining(text[low]):
        low -= 1
    return low


def _ended(words: Lettering, line: str, size: int, width: float) -> str:
    while line and words.width(line + ELLIPSIS, size) > width:
        line = line[:-1]
    return line.rstrip() + ELLIPSIS


def _pieces(text: str) -> Iterator[str]:
    """Words with the blank and the signs behind them; ideographs one by one."""
    for word in _WORDS.findall(text):
        if not _IDEOGRAPHS.search(word):
            yield word
            continue
        piece = ""
        for letter in word:
            if piece and not letter.isspace() and _may_break(piece[-1], letter):
                yield piece
                piece = ""
            piece += letter
        yield piece


def _may_break(before: str, after: str) -> bool:
    """Between ideographs, but not before what ends a phrase or behind what opens one."""
    is_open = unicodedata.category(before) in ("Ps", "Pi")
    is_end = unicodedata.category(after) in ("Pe", "Pf", "Po", "Lm", "Mn")
    return bool(_IDEOGRAPHS.match(before) or _IDEOGRAPHS.match(after)) and not (is_open or is_end)


def _is_own_or_blank(letter: str) -> bool:
    return letter == " " or letter in _JOINERS or is_own(letter)


def _is_letter(letter: str) -> bool:
    """Whether the title is another one without it."""
    return unicodedata.category(letter)[0] in "LNM" and not "\ufe00" <= letter <= "\ufe0f"


def _is_seen(letter: str) -> bool:
    """Whether it is no control, mark of direction, surrogate, or private or unknown letter."""
    return letter in _JOINERS or unicodedata.category(letter) not in (
        "Cc", "Cf", "Cs", "Co", "Cn",
    )  # fmt: skip


def _without_piles(letters: Iterator[str]) -> Iterator[str]:
    """Without further marks on a letter that has enough."""
    piled = 0
    for letter in letters:
        piled = piled + 1 if unicodedata.category(letter) == "Mn" else 0
        if piled <= MOST_MARKS:
            yield letter
