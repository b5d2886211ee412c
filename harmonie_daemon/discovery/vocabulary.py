"""The words that are understood, and what each of them means in a track."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from harmonie_daemon.analysis.styles import SEPARATOR, data_lines, tag_key, taxonomy
from harmonie_daemon.discovery.signs import (
    LengthSign,
    MoodSign,
    Place,
    Sign,
    StyleSign,
    TempoSign,
    YearSign,
)
from harmonie_daemon.domain.mood import MOOD_AXES, MOOD_LABELS

RELATED = 0.5
"""What a style is worth that shares its last word with the one asked for: black metal, death
metal."""


class Topic(StrEnum):
    """What a part of a query speaks of."""

    MOOD = "mood"
    ENERGY = "energy"
    TEMPO = "tempo"
    INSTRUMENT = "instrument"
    GENRE = "genre"
    ACTIVITY = "activity"
    ERA = "era"
    LENGTH = "length"
    KEY = "key"


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a phrase says: signs with their weights beside each other."""

    topic: Topic
    signs: tuple[tuple[Sign, float], ...]
    phrases: tuple[str, ...] = ()
    """Others that mean the same."""


def meaning_of(phrase: str) -> Meaning | None:
    """What a phrase (small letters, single spaces) means; the file of words wins over tags."""
    return _words().get(phrase) or _in_taxonomy(phrase)


@cache
def longest_phrase() -> int:
    """Words of the longest phrase that is in the file."""
    return max(len(phrase.split()) for phrase in _words())


@cache
def single_words() -> frozenset[str]:
    """Every word that is part of a phrase of the file, of a style or of an alias."""
    known = taxonomy()
    labels = [label for found in known.styles.values() for label in found]
    names = [part for label in labels for part in (label.genre, label.style or "")]
    return frozenset(
        word
        for phrase in (*_words(), *names, *data_lines("genre_aliases.txt"))
        for word in tag_words(phrase.partition(" =")[0])
    )


def meaning_of_places(places: Iterable[Place]) -> Meaning:
    """That one of these genres or styles is asked for."""
    asked = tuple(places)
    worth: dict[Place, float] = dict.fromkeys(asked, 1.0)
    words = {}
    for _, style in asked:
        if style is not None and len(parts := tag_words(style)) > 1:
            words[parts[-1]] = RELATED
    return Meaning(Topic.GENRE, ((StyleSign(worth, words), 1.0),))


def contrary(meaning: Meaning) -> Meaning | None:
    """Little of what it asks much of; ``None`` where it asks for nothing that has degrees."""
    signs = tuple(
        (_contrary(sign), weight)
        for sign, weight in meaning.signs
        if isinstance(sign, MoodSign | TempoSign)
    )
    return replace(meaning, signs=signs) if signs else None


def _contrary(sign: MoodSign | TempoSign) -> Sign:
    if isinstance(sign, MoodSign):
        return replace(sign, low=not sign.low)
    return TempoSign(None, sign.low) if sign.high is None else TempoSign(sign.high, None)


def tag_words(text: str) -> list[str]:
    """The words of a genre or style, as they are compared."""
    spaced = "".join(char if char.isalnum() else " " for char in text.casefold())
    return spaced.split()


def _in_taxonomy(phrase: str) -> Meaning | None:
    """A genre as a whole wins over its style of the same name."""
    known, key = taxonomy(), tag_key(phrase)
    if not key:
        return None
    if key in known.genres:
        return meaning_of_places([(known.genres[key].genre, None)])
    found = [(label.genre, label.style) for label in known.find(phrase)]
    return meaning_of_places(found) if found else None


@cache
def _words() -> Mapping[str, Meaning]:
    """By phrase, read once per process. Raises ``ValueError`` for a line that makes no sense."""
    text = (files("harmonie_daemon.discovery") / "data" / "words.txt").read_text(encoding="utf-8")
    return MappingProxyType(dict(_read(text)))


def _read(text: str) -> Iterator[tuple[str, Meaning]]:
    topic = Topic.MOOD
    for line in text.splitlines():
        if line.startswith("["):
            topic = Topic(line.strip("[]"))
        elif line and not line.startswith("#"):
            phrases, _, signs = line.partition(" = ")
            same = tuple(phrase.strip() for phrase in phrases.split(","))
            meaning = Meaning(topic, tuple(_signs(signs)), same)
            yield from ((phrase, meaning) for phrase in same)


def _signs(text: str) -> Iterator[tuple[Sign, float]]:
    """The moods, tempos and years, then all genres and styles as one sign."""
    places: dict[Place, float] = {}
    words: dict[str, float] = {}
    for written in text.split(";"):
        name, weight = _weighed(written.strip())
        bare = name.removeprefix("-")
        if bare in MOOD_AXES or bare in MOOD_LABELS:
            yield MoodSign(bare, low=name != bare), weight
        elif name.startswith(("bpm ", "years ", "seconds ")):
            yield _range(name), weight
        elif name.startswith("*"):
            words[tag_key(name)] = weight
        else:
            places[_place(name)] = weight
    if places or words:
        yield StyleSign(places, words), 2.0


def _weighed(sign: str) -> tuple[str, float]:
    name, _, last = sign.rpartition(" ")
    if (
        name
        and last.replace(".", "", 1).isdecimal()
        and not name.endswith(("bpm", "years", "seconds"))
    ):
        return name, float(last)
    return sign, 1.0


def _range(text: str) -> Sign:
    kind, bounds = text.split(" ", 1)
    low, high = (bound or None for bound in bounds.split(".."))
    if kind in ("bpm", "seconds"):
        bounds_of = TempoSign if kind == "bpm" else LengthSign
        return bounds_of(float(low) if low else None, float(high) if high else None)
    return YearSign(int(low) if low else None, int(high) if high else None)


def _place(name: str) -> Place:
    genre, separator, style = name.partition(SEPARATOR)
    if separator and name not in data_lines("discogs400.txt"):
        raise ValueError(f"words.txt: {name} is no style of the taxonomy")
    if not separator and tag_key(genre) not in taxonomy().genres:
        raise ValueError(f"words.txt: {name} is neither a mood nor a genre")
    return genre, style or None
