"""Genres in the words of a tag that is none as a whole: ``Female Fronted Metal`` is metal.

For moods only. What a track is found by stays with whole tags (``styles``), where a wrong style
does more harm than none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache

from harmonie_daemon.analysis.styles import (
    SEPARATOR,
    Label,
    data_lines,
    styles_from_genres,
    tag_key,
    taxonomy,
)
from harmonie_daemon.domain.track import StyleScore

MOST_WORDS = 12
"""Of a tag; what is longer is prose."""
LONGEST_PHRASE = 4


def styles_in_genres(genres: Sequence[str]) -> tuple[StyleScore, ...]:
    """The styles that genre tags name, as a whole or else in their words; each once."""
    styles, unmapped = styles_from_genres(genres)
    in_words = (label for tag in unmapped for label in _labels_in(tag))
    scores = [StyleScore(label.genre, label.style or label.genre, 1.0) for label in in_words]
    return tuple(dict.fromkeys([*styles, *scores]))


def _labels_in(tag: str) -> Iterator[Label]:
    """Of the longest phrases first; a word belongs to one of them."""
    words = re.findall(r"[^\W_]+", tag.casefold())[:MOST_WORDS]
    for length in range(min(LONGEST_PHRASE, len(words)), 0, -1):
        for start in range(len(words) - length + 1):
            phrase = words[start : start + length]
            if all(phrase) and (label := _label(" ".join(phrase))) is not None:
                words[start : start + length] = [""] * length
                yield label


def _label(phrase: str) -> Label | None:
    own = _words().get(tag_key(phrase))
    return own or next(iter(taxonomy().find(phrase)), None)


@cache
def _words() -> Mapping[str, Label]:
    lines = (line.partition(" = ") for line in data_lines("genre_words.txt"))
    return {tag_key(phrase): Label(*target.split(SEPARATOR)) for phrase, _, target in lines}
