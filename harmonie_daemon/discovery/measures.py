"""What a text says in numbers and notes: tempos, lengths, decades, years, keys."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from harmonie_daemon.discovery.signs import (
    KeySign,
    LengthSign,
    Sign,
    TempoSign,
    YearSign,
)
from harmonie_daemon.discovery.vocabulary import Meaning, Topic
from harmonie_daemon.domain.track import PITCH_CLASSES, Scale

AROUND_BPM = 2.0
"""How far from a tempo that is asked for one still is that tempo."""
AROUND_LENGTH = 0.1
"""Likewise of a length, as a share of it."""

_DECADE_NAMES = {
    **{"fifties": 1950, "sixties": 1960, "seventies": 1970, "eighties": 1980, "nineties": 1990},
    **{"noughties": 2000, "two thousands": 2000},
}
_COUNTS = {
    **{"a": 1, "an": 1, "half an": 0.5, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5},
    **{"six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10},
}
_UNDER = frozenset(
    {"under", "below", "at most", "up to", "less than", "shorter than", "slower than"}
) | {*("no longer than", "not longer than", "max", "maximum", "no more than", "not more than")}
_OVER = frozenset(
    {"over", "above", "at least", "more than", "longer than", "faster than", "no less than"}
) | {"not less than"}
_BEFORE, _AFTER = frozenset({"before", "until", "till"}), frozenset({"after", "since"})
_PARTS = {"early": (0, 3), "mid": (3, 6), "late": (6, 9), None: (0, 9)}
_THIS_CENTURY = 30
"""Decades of two digits below this are those after 2000."""
_NATURALS = {"c": 0, "d": 2, "e": 4, "f": 5, "g": 7, "a": 9, "b": 11}


def _any(words: Iterable[str]) -> str:
    return "|".join(sorted(words, key=len, reverse=True))


_SIDES = _any(_UNDER | _OVER)
_BPM = re.compile(
    rf"(?:\b(?P<side>{_SIDES}|from))?\s*"
    r"(?<!\d)(?P<low>\d{2,3})(?:\s*(?:-|\u2013|to|and|\.\.)\s*(?P<high>\d{2,3}))?\s*"
    r"(?:bpm|beats per minute|beats a minute)\b"
)
_TEMPO_OF = re.compile(
    r"\b(?:tempo|bpm)\s*(?:of|at|around|about|is|:|=)?\s*(?P<low>\d{2,3})(?![\d.])"
)
_COUNT = rf"\d{{1,3}}(?:\.\d+)?|(?:{_any(_COUNTS)})\b"
_LENGTH = re.compile(
    rf"(?:\b(?P<side>{_SIDES})\s+|\bbetween\s+|\bfrom\s+)?(?<![\d.])\b(?P<low>{_COUNT})"
    rf"(?:\s*(?:-|\u2013|to|and)\s*(?P<high>{_COUNT}))?[\s-]*"
    r"(?P<unit>seconds?|secs?|minutes?|mins?|hours?)\b"
    r"(?P<each>\s+(?:long|songs?|tracks?|pieces?|tunes?)\b)?(?P<whole>\s+of\b)?"
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
_NOTE = r"(?P<note>[a-g])(?P<sign>\s?[#\u266f\u266d]|b\b|[\s-]sharp\b|[\s-]flat\b)?"
_KEY = re.compile(
    rf"(?:\bin\s+)?(?:\b(?:the\s+)?key\s+of\s+)?(?<![^\W_])(?<!'){_NOTE}[\s-]*"
    r"\b(?P<scale>major|minor)\b"
)
_KEY_OF = re.compile(rf"\b(?:in\s+)?(?:the\s+)?key\s+of\s+{_NOTE}(?![^\W_])")
_SCALE = re.compile(
    r"(?:\b(?:in\s+)?an?\s+)?\b(?P<scale>major|minor)\s+(?:keys?|scales?|chords?)\b"
)
_AFTER_A_KEY = re.compile(
    r"\s*(?:$|[.,;:!?()\"]|(?:songs?|tracks?|pieces?|tunes?|music|and|or|but|with|at|from|please)\b)"
)
"""What may follow ``a minor`` where that is a key: ``a major hit`` is none."""


def _tempo(found: re.Match[str]) -> Sign:
    low = float(found["low"])
    high = float(found["high"]) if found["high"] else None
    if high is not None:
        return TempoSign(min(low, high), max(low, high))
    if found["side"] in _UNDER:
        return TempoSign(None, low)
    if found["side"] in _OVER:
        return TempoSign(low, None)
    return TempoSign(low - AROUND_BPM, low + AROUND_BPM)


def _tempo_of(found: re.Match[str]) -> Sign:
    return TempoSign(float(found["low"]) - AROUND_BPM, float(found["low"]) + AROUND_BPM)


def _length(found: re.Match[str]) -> Sign | None:
    """Nothing of ``60 minutes of jazz``: that is how much is wanted, not how long a track is."""
    unit = {"s": 1, "m": 60, "h": 3600}[found["unit"][0]]
    low = _count(found["low"]) * unit
    if found["whole"]:
        return None
    if found["high"]:
        high = _count(found["high"]) * unit
        return LengthSign(min(low, high), max(low, high))
    if found["side"] in _UNDER:
        return LengthSign(None, low)
    if found["side"] in _OVER:
        return LengthSign(low, None)
    return (
        LengthSign(low * (1 - AROUND_LENGTH), low * (1 + AROUND_LENGTH)) if found["each"] else None
    )


def _count(text: str) -> float:
    return float(_COUNTS[text]) if text in _COUNTS else float(text)


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


def _key(found: re.Match[str]) -> Sign:
    parts = found.groupdict()
    scale = Scale(parts["scale"]) if parts.get("scale") else None
    if not parts.get("note"):
        return KeySign(None, scale)
    sign = (parts["sign"] or "").strip(" -")
    moved = {"#": 1, "\u266f": 1, "sharp": 1, "\u266d": -1, "b": -1, "flat": -1}.get(sign, 0)
    return KeySign(PITCH_CLASSES[(_NATURALS[parts["note"]] + moved) % 12], scale)


def _is_meant(found: re.Match[str]) -> bool:
    bare = found.re is _KEY and found["note"] == "a" and not found["sign"]
    return not bare or _AFTER_A_KEY.match(found.string, found.end()) is not None


_KINDS: tuple[tuple[re.Pattern[str], Topic, Callable[[re.Match[str]], Sign | None]], ...] = (
    (_BPM, Topic.TEMPO, _tempo),
    (_TEMPO_OF, Topic.TEMPO, _tempo_of),
    (_LENGTH, Topic.LENGTH, _length),
    (_DECADE, Topic.ERA, _decade),
    (_YEARS, Topic.ERA, _years),
    (_KEY, Topic.KEY, _key),
    (_KEY_OF, Topic.KEY, _key),
    (_SCALE, Topic.KEY, _key),
)


def taken_out(plain: str, mark: Callable[[str, Meaning], str]) -> str:
    """A text with ``mark`` of its words and their meaning in the place of every measure; of one
    that says nothing of tracks, nothing."""

    def of(topic: Topic, sign_of: Callable[[re.Match[str]], Sign | None]) -> Callable[..., str]:
        def marked(found: re.Match[str]) -> str:
            if not _is_meant(found):
                return found[0]
            sign = sign_of(found)
            return " " if sign is None else mark(found[0], Meaning(topic, ((sign, 1.0),)))

        return marked

    for pattern, topic, sign_of in _KINDS:
        plain = pattern.sub(of(topic, sign_of), plain)
    return plain
