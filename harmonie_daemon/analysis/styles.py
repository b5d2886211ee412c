"""Genre tags onto the Discogs-400 taxonomy, so that untrained ears have styles too.

Rules, in order:
1. A tag is compared by a key without case, accents, punctuation and spaces; ``&``, ``+`` and
   ``n`` read as "and". It may be a full label (``Rock---Punk``), an alias (those are in
   data/genre_aliases.txt), a genre or a style.
2. A tag that means nothing as a whole is split at ``;`` and ``|``, then at ``/`` and ``,``.
3. A style that several genres have goes to those that the track's other tags name, else to
   the one where most people would look for it.
4. A genre alone ("Rock") becomes ``Rock---Rock``: found by genre, claiming no style it does
   not have. It is dropped where another tag already gives a style of that genre.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np

from harmonie_daemon.domain.track import Embedding, StyleScore

SEPARATOR = "---"
FEWEST_STYLES = 10
LIKELY = 0.05
"""Styles above this probability are all kept."""

HOME_GENRES: Mapping[str, str] = {
    "Afrobeat": "Funk / Soul",
    "Bossa Nova": "Jazz",
    "Disco": "Funk / Soul",
    "Dub": "Reggae",
    "Electro": "Electronic",
    "Experimental": "Electronic",
    "Gospel": "Funk / Soul",
    "Grime": "Hip Hop",
    "Hardcore": "Rock",
    "Industrial": "Electronic",
    "Neofolk": "Rock",
    "New Wave": "Rock",
    "Noise": "Electronic",
    "Parody": "Pop",
    "Rhythm & Blues": "Funk / Soul",
    "Ska": "Reggae",
    "Trip Hop": "Electronic",
}
"""Where a style that several genres have belongs when nothing else is known."""


@dataclass(frozen=True, slots=True)
class Label:
    """A place in the taxonomy; ``style`` is ``None`` for a genre as a whole."""

    genre: str
    style: str | None = None


@dataclass(frozen=True, slots=True)
class Taxonomy:
    """Lookups by tag key."""

    genres: Mapping[str, Label]
    styles: Mapping[str, tuple[Label, ...]]
    aliases: Mapping[str, tuple[Label, ...]]
    """No label for a tag that looks like a style but is used for anything."""

    def find(self, tag: str) -> tuple[Label, ...]:
        """Every place that a tag may mean; several for a style that several genres have.

        A style is preferred to the genre of its name: "Reggae" is ``Reggae---Reggae``.
        """
        if SEPARATOR in tag:
            genre, _, style = tag.partition(SEPARATOR)
            named = self.styles.get(tag_key(style), ())
            return tuple(label for label in named if tag_key(label.genre) == tag_key(genre))
        key = tag_key(tag)
        if key in self.aliases:
            return self.aliases[key]
        if key in self.genres and not self._has_namesake(key):
            return (self.genres[key],)
        return self.styles.get(key, ())

    def _has_namesake(self, key: str) -> bool:
        genre = self.genres[key].genre
        return any(label.genre == genre for label in self.styles.get(key, ()))


def styles_from_genres(
    genres: Sequence[str],
) -> tuple[tuple[StyleScore, ...], tuple[str, ...]]:
    """The styles that genre tags name, each with probability 1, and the tags that name none."""
    known = taxonomy()
    found: list[tuple[Label, ...]] = []
    unmapped: list[str] = []
    for tag in genres:
        for part, labels in _read(tag, known):
            if labels:
                found.append(labels)
            elif part not in unmapped:
                unmapped.append(part)
    named = {labels[0].genre for labels in found if len(labels) == 1}
    chosen = [label for labels in found for label in _choose(labels, named)]
    return _scores(chosen), tuple(unmapped)


def styles_from_probabilities(probabilities: Embedding) -> tuple[StyleScore, ...]:
    """The ten likeliest styles and every other above 5 %, likeliest first.

    ``probabilities`` is float32[400] in the order of data/discogs400.txt.
    """
    order = np.argsort(-probabilities, kind="stable")
    count = max(FEWEST_STYLES, int((probabilities > LIKELY).sum()))
    names = [line.split(SEPARATOR) for line in data_lines("discogs400.txt")]
    return tuple(
        StyleScore(names[index][0], names[index][1], float(probabilities[index]))
        for index in order[:count]
    )


def tag_key(text: str) -> str:
    """What is left of a tag for comparison: letters and digits, accents removed."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    joined = re.sub(r"[&+]|\bn\b", " and ", plain)
    return "".join(char for char in joined if char.isalnum())


@cache
def taxonomy() -> Taxonomy:
    """The taxonomy as installed beside the package, read once per process."""
    labels = [Label(*line.split(SEPARATOR)) for line in data_lines("discogs400.txt")]
    styles: dict[str, tuple[Label, ...]] = {}
    for label in labels:
        key = tag_key(label.style or "")
        styles[key] = (*styles.get(key, ()), label)
    aliases: dict[str, tuple[Label, ...]] = {}
    for line in data_lines("genre_aliases.txt"):
        spelling, _, target = (part.strip() for part in line.partition(" ="))
        aliases[tag_key(spelling)] = (Label(*target.split(SEPARATOR)),) if target else ()
    genres = {tag_key(label.genre): Label(label.genre) for label in labels}
    return Taxonomy(genres=genres, styles=styles, aliases=aliases)


def is_label(text: str) -> bool:
    """Whether this is a label of the taxonomy; a genre tag by itself becomes a row that is none."""
    return text in _labels()


@cache
def _labels() -> frozenset[str]:
    return frozenset(data_lines("discogs400.txt"))


def data_lines(name: str) -> list[str]:
    """The lines of a file beside the package, without comments and empty ones."""
    text = (files("harmonie_daemon.analysis") / "data" / name).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def _read(tag: str, known: Taxonomy) -> Iterator[tuple[str, tuple[Label, ...]]]:
    """A tag as a whole if that means something, else its parts."""
    tag = tag.strip()
    if not tag:
        return
    labels = known.find(tag)
    for separators in ("[;|\0]", "[/,]"):
        parts = re.split(separators, tag)
        if not labels and len(parts) > 1:
            for part in parts:
                yield from _read(part, known)
            return
    yield tag, labels


def _choose(labels: tuple[Label, ...], named: set[str]) -> tuple[Label, ...]:
    if len(labels) == 1:
        return labels
    supported = tuple(label for label in labels if label.genre in named)
    home = tuple(label for label in labels if label.genre == HOME_GENRES.get(label.style or ""))
    return supported or home or labels[:1]


def _scores(labels: Sequence[Label]) -> tuple[StyleScore, ...]:
    """Styles first mentioned first, none twice; a bare genre only where it adds something."""
    with_style = {label.genre for label in labels if label.style}
    kept = [label for label in labels if label.style or label.genre not in with_style]
    return tuple(
        StyleScore(label.genre, label.style or label.genre, 1.0) for label in dict.fromkeys(kept)
    )
