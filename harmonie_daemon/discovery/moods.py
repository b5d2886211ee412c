"""What somebody feels, out of what they write: words of moods, denied and made stronger.

The moods come from a lexicon of ours (``mood_words``); how good or bad the text sounds comes from
VADER (Hutto and Gilbert, 2014), sentence by sentence, because it takes time with the square of the
length of what it is given. English only: a text in another language has no evidence and says so.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from harmonie_daemon.discovery.mood_words import (
    KIN,
    NEGATIONS,
    OPPOSITES,
    PHRASES,
    PRIMARY_MOODS,
    STEMS,
    STRONGER,
    SUFFIXES,
    WEAKER,
)

MOST_CHARACTERS = 20_000
"""Read of a text; what comes after says the same again."""
SENTENCE_CHARACTERS = 400
MOST_EVIDENCE = 20
NEGATION_REACHES = 3
"""Words from a negation to what it denies."""
DENIED = 0.6
"""What the opposite of a denied mood weighs."""
CLEAR_SENTIMENT = 0.25
_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_SENTENCE_END = re.compile(r"(?<=[.!?;\n])\s+")


@dataclass(frozen=True, slots=True)
class Evidence:
    """A word that spoke for a mood."""

    word: str
    """As written, with the negation before it: ``not happy``."""
    mood: str
    weight: float
    """1 for a plain word; above 1 made stronger, below made weaker."""


@dataclass(frozen=True, slots=True)
class MoodAnalysis:
    """What a text says about how its writer feels."""

    primary: str
    """One of ``PRIMARY_MOODS``."""
    others: tuple[str, ...]
    """The further moods of the text, strongest first."""
    intensity: float
    """0 to 1: how strongly it is said, not how sure we are."""
    sentiment: float
    """-1 (bad) to 1 (good)."""
    evidence: tuple[Evidence, ...]
    """Strongest first; empty when no word was known and the sentiment alone decided."""

    @property
    def secondary(self) -> str | None:
        """The second mood, if there is one."""
        return self.others[0] if self.others else None


def analyse_mood(text: str) -> MoodAnalysis:
    """Find the moods of a text; of its first 20,000 characters, in linear time."""
    text = text[:MOST_CHARACTERS].replace("’", "'")
    evidence = _evidence(text)
    sentiment = sentiment_of(text)
    ranked = _ranked(evidence)
    primary: str | None = next((mood for mood in ranked if mood in PRIMARY_MOODS), None)
    if primary is None:
        primary = KIN[ranked[0]] if ranked else _mood_of_sentiment(sentiment)
    others = tuple(mood for mood in ranked if mood != primary)
    return MoodAnalysis(
        primary,
        others,
        _intensity(text, evidence, sentiment),
        sentiment,
        tuple(sorted(evidence, key=lambda one: -one.weight)[:MOST_EVIDENCE]),
    )


def sentiment_of(text: str) -> float:
    """-1 to 1: the mean of the sentences that are not neutral, by VADER."""
    scores = [_vader().polarity_scores(part)["compound"] for part in _sentences(text)]
    telling = [score for score in scores if score]
    return round(sum(telling) / len(telling), 3) if telling else 0.0


def _sentences(text: str) -> list[str]:
    return [
        sentence[start : start + SENTENCE_CHARACTERS]
        for sentence in _SENTENCE_END.split(text)
        for start in range(0, len(sentence), SENTENCE_CHARACTERS)
    ]


@cache
def _vader() -> Any:
    """Reads a lexicon of 7,500 words, once."""
    from vaderSentiment.vaderSentiment import (  # noqa: PLC0415 - only where it is asked for
        SentimentIntensityAnalyzer,
    )

    return SentimentIntensityAnalyzer()


def _evidence(text: str) -> list[Evidence]:
    found: list[Evidence] = []
    for sentence in _SENTENCE_END.split(text):
        words = [word.casefold() for word in _WORD.findall(sentence)]
        skip_until = 0
        for at, word in enumerate(words):
            if at < skip_until:
                continue
            length, mood = _mood_at(words, at)
            if mood is None:
                continue
            skip_until = at + length
            said = " ".join(words[at:skip_until])
            one = _weighed(said or word, mood, words[max(0, at - NEGATION_REACHES) : at])
            if one is not None:
                found.append(one)
    return found


def _mood_at(words: Sequence[str], at: int) -> tuple[int, str | None]:
    """How many words from here on say one mood, and which."""
    for length in (3, 2):
        mood = PHRASES.get(" ".join(words[at : at + length]))
        if mood is not None:
            return length, mood
    return 1, mood_of_word(words[at])


def mood_of_word(word: str) -> str | None:
    """The mood that a word says: the one with the longest stem of it."""
    stems = _stems()
    for end in range(len(word), 1, -1):
        mood = stems.get(word[:end])
        if mood is not None and word[end:] in SUFFIXES:
            return mood
    return None


@cache
def _stems() -> Mapping[str, str]:
    return {stem: mood for mood, stems in STEMS.items() for stem in stems.split()}


def _weighed(said: str, mood: str, before: Sequence[str]) -> Evidence | None:
    weight = 1.0
    for word in before[-2:]:
        weight *= STRONGER.get(word, WEAKER.get(word, 1.0))
    denials = [word for word in before if word in NEGATIONS]
    if len(denials) % 2 == 0 or said.startswith("stop "):
        return Evidence(said, mood, round(weight, 2))
    opposite = OPPOSITES.get(mood)
    if opposite is None:
        return None
    return Evidence(f"{denials[-1]} {said}", opposite, round(weight * DENIED, 2))


def _ranked(evidence: Sequence[Evidence]) -> list[str]:
    """Moods by the sum of what spoke for them; which was first named, among equals."""
    sums: defaultdict[str, float] = defaultdict(float)
    for one in evidence:
        sums[one.mood] += one.weight
    return sorted(sums, key=lambda mood: -sums[mood])


def _mood_of_sentiment(sentiment: float) -> str:
    if abs(sentiment) < CLEAR_SENTIMENT:
        return "calm"
    return "happy" if sentiment > 0 else "sad"


def _intensity(text: str, evidence: Sequence[Evidence], sentiment: float) -> float:
    """From 0.2 for a text that says nothing: strong words, many of them, loud writing."""
    strongest = max((one.weight for one in evidence), default=0.0)
    many = min(len(evidence), 5) / 5
    letters = [character for character in text if character.isalpha()]
    shouted = sum(character.isupper() for character in letters) > 0.6 * max(len(letters), 8)
    marks = min(text.count("!"), 3) / 3
    value = 0.2 + 0.25 * min(strongest, 2.0) + 0.15 * many + 0.25 * abs(sentiment)
    return round(min(1.0, value + 0.1 * marks + 0.1 * shouted), 2)
