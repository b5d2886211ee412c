"""A prompt in pieces, and the lengths, tempos and keys that are written in it."""

from __future__ import annotations

import re
import unicodedata
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from harmonie_daemon.compose.lexicon import LENGTH_WORDS
from harmonie_daemon.domain.brief import MusicalKey

_TOKEN = re.compile(r"\d+(?:[.,:/]\d+)?(?::\d+)?|[^\W\d_]+(?:'[^\W\d_]+)?|[#&.,;:!?()]")
_LONGEST_NUMBER = 7
"""Digits and signs; nothing in music is longer."""
_SIGNS = str.maketrans(
    {"½": " 1/2 ", "¼": " 1/4 ", "¾": " 3/4 ", "♭": "b", "♯": "#", "’": "'", "‘": "'"}
)


@dataclass(frozen=True, slots=True)
class Token:
    """A word, a number or a sign; ``written`` as it stood, ``text`` in small letters."""

    text: str
    written: str
    start: int
    end: int

    @property
    def is_stop(self) -> bool:
        """Whether a part of a sentence ends here."""
        return self.text in ".,;:!?()"


@dataclass(frozen=True, slots=True)
class Found:
    """Something that tokens ``first`` up to ``last`` (excluded) said."""

    first: int
    last: int
    value: float


def tokens_of(text: str) -> tuple[Token, ...]:
    """The words, numbers and signs of a text; hyphens only part them."""
    plain = unicodedata.normalize("NFKC", text.translate(_SIGNS))
    return tuple(
        Token(found[0].casefold(), found[0], found.start(), found.end())
        for found in _TOKEN.finditer(plain)
    )


_ONES = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen"
_WORDS = {word: float(number) for number, word in enumerate(_ONES.split())} | {
    **{"fifteen": 15.0, "sixteen": 16.0, "seventeen": 17.0, "eighteen": 18.0, "nineteen": 19.0},
    **{"a": 1.0, "an": 1.0, "couple": 2.0, "few": 3.0, "hundred": 100.0},
}
_TENS = {
    **{"twenty": 20.0, "thirty": 30.0, "forty": 40.0, "fourty": 40.0, "fifty": 50.0},
    **{"sixty": 60.0, "seventy": 70.0, "eighty": 80.0, "ninety": 90.0},
}
_PARTS = {"half": 0.5, "quarter": 0.25}
_UNITS_S = {
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), 1.0),
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes"), 60.0),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), 3600.0),
}
_WHOLE_DECADES = range(1900, 2100, 10)
_DECADES = frozenset({50.0, 60.0, 70.0, 80.0, 90.0})


def durations(tokens: tuple[Token, ...]) -> Iterator[Found]:
    """The lengths of time in a text, in seconds, each with all of its tokens."""
    at = 0
    while at < len(tokens):
        found = _clock(tokens, at) or _spelt_out(tokens, at)
        if found is None:
            at += 1
        else:
            yield found
            at = found.last


def alternate(places: Sequence[int], lengths: Sequence[Found]) -> bool:
    """Whether each stretch has exactly one length: on the same side of each feeling."""
    after = all(one.first > place for place, one in zip(places, lengths, strict=True))
    before = all(one.first < place for place, one in zip(places, lengths, strict=True))
    apart = zip(places, [one.first for one in lengths[1:]], strict=False)
    return (before and all(place < following for place, following in apart)) or (
        after and all(one.first < place for place, one in zip(places[1:], lengths, strict=False))
    )


def _clock(tokens: tuple[Token, ...], at: int) -> Found | None:
    """1:30 and 1:02:30."""
    fields = tokens[at].text.split(":")
    if len(fields) not in (2, 3) or not all(one.isdecimal() for one in fields):
        return None
    if len(tokens[at].text) > _LONGEST_NUMBER or len(fields[-1]) != 2:
        return None
    seconds = 0.0
    for one in fields:
        seconds = seconds * 60 + float(one)
    return Found(at, at + 1, seconds)


def _spelt_out(tokens: tuple[Token, ...], at: int) -> Found | None:
    """Numbers with units: ``1 minute 30 seconds``, ``one and a half minutes``, ``2m30s``."""
    total, end = 0.0, at
    smallest = float("inf")
    while True:
        start = end + 1 if end > at and _text(tokens, end) in ("and", ",") else end
        number = _number(tokens, start)
        if number is None:
            break
        unit = _UNITS_S.get(_text(tokens, number.last))
        if unit is None or unit >= smallest or _is_decade(tokens, number):
            break
        total, end, smallest = total + number.value * unit, number.last + 1, unit
        part = _and_a_part(tokens, end)
        if part is not None:
            total, end = total + part.value * unit, part.last
    return Found(at, end, total) if end > at else None


def _is_decade(tokens: tuple[Token, ...], number: Found) -> bool:
    """``1990s``, and ``90s rock``: grown together with its ``s``, beside no word of length."""
    first, unit = tokens[number.first], tokens[number.last]
    if unit.text != "s" or unit.start != first.end:
        return False
    if number.value in _WHOLE_DECADES:
        return True
    if number.value not in _DECADES:
        return False
    beside = {_text(tokens, number.first - 1), _text(tokens, number.last + 1)}
    return not beside & LENGTH_WORDS and number.last + 1 < len(tokens)


def _number(tokens: tuple[Token, ...], at: int) -> Found | None:
    """A number at a place: in digits, in words, with ``and a half``."""
    text = _text(tokens, at)
    if text in _PARTS:
        last = at + 1
        while _text(tokens, last) in ("a", "an", "of"):
            last += 1
        return Found(at, last, _PARTS[text])
    if text in _TENS:
        ones = _WORDS.get(_text(tokens, at + 1), 0.0) if at + 1 < len(tokens) else 0.0
        compound = 1 <= ones <= 9 and _text(tokens, at + 1) not in ("a", "an", "few", "couple")
        whole = (
            Found(at, at + 2, _TENS[text] + ones) if compound else Found(at, at + 1, _TENS[text])
        )
    elif text in _WORDS:
        last = at + 1
        while _text(tokens, last) in ("couple", "few", "of", "hundred"):
            last += 1
        whole = Found(at, last, max(_WORDS.get(tokens[one].text, 0.0) for one in range(at, last)))
    else:
        value = as_number(text)
        if value is None:
            return None
        whole = Found(at, at + 1, value)
    fraction = as_number(_text(tokens, whole.last)) if "/" in _text(tokens, whole.last) else None
    if fraction is not None and fraction < 1:
        return Found(at, whole.last + 1, whole.value + fraction)
    part = _and_a_part(tokens, whole.last)
    return whole if part is None else Found(at, part.last, whole.value + part.value)


def _and_a_part(tokens: tuple[Token, ...], at: int) -> Found | None:
    """``and a half``, ``and 1/2``."""
    if _text(tokens, at) != "and":
        return None
    if "/" in _text(tokens, at + 1):
        fraction = as_number(_text(tokens, at + 1))
        return None if fraction is None or fraction >= 1 else Found(at, at + 2, fraction)
    if _text(tokens, at + 1) in ("a", "one"):
        value = _PARTS.get(_text(tokens, at + 2))
        if value is not None:
            return Found(at, at + 3, value)
    return None


def as_number(text: str) -> float | None:
    """``2``, ``2.5``, ``2,5`` and ``1/2``; ``None`` for anything else and for absurd lengths."""
    if not text[:1].isdecimal() or len(text) > _LONGEST_NUMBER or ":" in text:
        return None
    over, _, under = text.partition("/")
    value = float(over.replace(",", "."))
    if not under:
        return value
    return value / float(under) if float(under) else None


def tempo_in(tokens: tuple[Token, ...]) -> Found | None:
    """Beats per minute: ``120 bpm``, ``bpm: 120``, ``tempo of 120``."""
    for at, token in enumerate(tokens):
        if token.text == "bpm" or _phrase(tokens, at, "beats", "per", "minute"):
            last = at + (1 if token.text == "bpm" else 3)
            before = as_number(_text(tokens, at - 1)) if at else None
            if before is not None:
                return Found(at - 1, last, before)
        if token.text in ("bpm", "tempo"):
            after = at + 1
            while _text(tokens, after) in (":", "of", "is", "at", "around", "about"):
                after += 1
            value = as_number(_text(tokens, after))
            if value is not None:
                return Found(at, after + 1, value)
    return None


_LETTERS = {"c": 0, "d": 2, "e": 4, "f": 5, "g": 7, "a": 9, "b": 11}
_MODES = {
    **dict.fromkeys(("major", "maj", "ionian", "lydian", "mixolydian"), "major"),
    **dict.fromkeys(("minor", "min", "m", "aeolian", "dorian", "phrygian", "locrian"), "minor"),
}


def key_in(tokens: tuple[Token, ...]) -> tuple[MusicalKey, range] | None:
    """A key and the places of its tokens: ``F# minor``, ``Eb major``, ``key of A``, ``Am``.

    ``a minor key`` has no tonic; the words of the text choose one.
    """
    for at, token in enumerate(tokens):
        found = _tonic_at(tokens, at)
        if found is None:
            if token.text in ("minor", "major") and _text(tokens, at + 1) in ("key", "mode"):
                tonic = zlib.crc32(" ".join(one.text for one in tokens).encode()) % 12
                return MusicalKey(tonic, token.text), range(at, at + 2)
            continue
        tonic, last, mode = found
        named = at > 0 and _text(tokens, at - 1) in ("key", "of", ":", "in")
        by_key = named and any(
            _text(tokens, at - back) == "key" for back in (1, 2, 3) if back <= at
        )
        following = _MODES.get(_text(tokens, last)) if _text(tokens, last) != "m" else None
        if mode is None and following is not None:
            article = token.written == "a" and not named and last + 1 < len(tokens)
            if not (article and not tokens[last + 1].is_stop) and _text(tokens, last + 1) != "key":
                return MusicalKey(tonic, following), range(at, last + 1)
        elif mode is not None or by_key:
            return MusicalKey(tonic, mode or "major"), range(at, last)
    return None


def _tonic_at(tokens: tuple[Token, ...], at: int) -> tuple[int, int, str | None] | None:
    """Pitch class, the place after it, and the mode where ``m`` is grown on: ``Am``, ``F#m``."""
    word, written = tokens[at].text, tokens[at].written
    if word[0] not in _LETTERS or len(word) > 3:
        return None
    tonic, rest, last = _LETTERS[word[0]], word[1:], at + 1
    if rest.startswith("b"):
        tonic, rest = tonic - 1, rest[1:]
    sign = _text(tokens, last)
    if not rest and sign in ("#", "sharp", "flat"):
        tonic, last = tonic + (-1 if sign == "flat" else 1), last + 1
        if _text(tokens, last) == "m" and tokens[last].start == tokens[last - 1].end:
            return tonic % 12, last + 1, "minor"
    if rest == "m" and written[0].isupper() and written.endswith("m") and at > 0:
        return tonic % 12, last, "minor"
    return None if rest else (tonic % 12, last, None)


def _text(tokens: tuple[Token, ...], at: int) -> str:
    return tokens[at].text if 0 <= at < len(tokens) else ""


def _phrase(tokens: tuple[Token, ...], at: int, *words: str) -> bool:
    return all(_text(tokens, at + number) == word for number, word in enumerate(words))
