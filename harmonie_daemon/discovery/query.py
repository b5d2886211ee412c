"""From free text to a query: what is asked for, what is refused, and who is named."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from harmonie_daemon.discovery.reading import LONGEST_NAME, Reading
from harmonie_daemon.discovery.small_words import WordRole, is_a, says_something
from harmonie_daemon.discovery.spelling import base_forms, is_comparative
from harmonie_daemon.discovery.vocabulary import (
    Meaning,
    Topic,
    contrary,
    longest_phrase,
    meaning_of,
)
from harmonie_daemon.domain.words import MOST_WORDS
from harmonie_daemon.store.names import Named, NameKind

MOST_CLAUSES = 16
"""Things asked for that count, the first ones."""
_LIKE_PAIRS = frozenset(["similar to", "style of", "sounds like", "reminds of", "vein of"])
"""Likenesses of two words."""
_DEGREES = frozenset(["more", "less", "even"])
_NOT_AS = frozenset(["not as", "not so"])
_DENYING_PAIRS = frozenset(["rather than", "other than", "instead of"])
"""Negations of two words, which are none by themselves."""
_MEASURED = frozenset([Topic.TEMPO, Topic.ERA, Topic.LENGTH, Topic.KEY])
"""What no title speaks for."""
_ALL_BUT = frozenset(["anything but", "everything but", "all but"])
"""Negations of two words."""


@dataclass(frozen=True, slots=True)
class Clause:
    """One thing that is asked for, or refused."""

    phrase: str
    """The words of the text that said so."""
    topic: Topic | NameKind
    also: tuple[str, ...] = field(default=(), kw_only=True)
    """Further words of the text that said the same."""
    meaning: Meaning | None = None
    """Of what is no name."""
    ids: tuple[int, ...] = ()
    """The tracks of a name."""
    denied: bool = False
    compared: bool = False
    """More of it is asked for than something else has, which is named as what is wanted alike."""
    alike: bool = False
    """What sounds like the tracks of the name is asked for, not they themselves."""

    @property
    def names(self) -> tuple[str, ...]:
        """What a title or an album would say to speak for this: of genres and instruments also
        what means the same; nothing of measures and names."""
        if self.meaning is None or self.topic in _MEASURED:
            return ()
        same = self.meaning.phrases if self.topic in (Topic.GENRE, Topic.INSTRUMENT) else ()
        bare = (
            " ".join(filter(says_something, one.split()))
            for one in (self.phrase, *self.also, *same)
        )
        return tuple(dict.fromkeys(filter(None, bare)))


@dataclass(frozen=True, slots=True)
class Query:
    """What was understood of a text."""

    text: str
    clauses: tuple[Clause, ...] = ()
    words: tuple[str, ...] = ()
    """Words that mean nothing to us: looked for in titles, names and tags."""
    of_names: frozenset[str] = frozenset()
    """Those of them that follow ``by`` and ``like``."""

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to go by."""
        return not (self.clauses or self.words)


def names_in(reading: Reading) -> list[str]:
    """Every run of words that could be a name, each once."""
    count = len(reading.pieces)
    return list(
        dict.fromkeys(
            reading.name(start, end)
            for start in range(count)
            for end in range(start + 1, min(start + LONGEST_NAME, count) + 1)
            if reading.is_run(start, end)
        )
    )


def understand(
    text: str,
    reading: Reading,
    names: Mapping[str, Named],
    tag: Callable[[str], Meaning | None],
) -> Query:
    """The query in a text; ``names`` are those of its runs of words that somebody goes by, and
    ``tag`` knows the genre tags of the library's files."""
    understanding = _Understanding(reading, names, tag)
    at = 0
    while at < len(reading.pieces):
        at += understanding.step(at)
    return understanding.query(text)


class _Understanding:
    """One text while it is being understood, from left to right."""

    def __init__(
        self,
        reading: Reading,
        names: Mapping[str, Named],
        tag: Callable[[str], Meaning | None],
    ) -> None:
        self._reading, self._names, self._tag = reading, names, tag
        self._clauses: list[Clause] = []
        self._words: list[str] = []
        self._of_names: set[str] = set()
        self._begin_anew()

    def query(self, text: str) -> Query:
        """What was understood so far."""
        words = tuple(dict.fromkeys(self._words))[:MOST_WORDS]
        clauses = _each_once(_compared(self._clauses))[:MOST_CLAUSES]
        return Query(text, clauses, words, frozenset(self._of_names))

    def step(self, at: int) -> int:
        """Understand what begins at this piece; returns how many pieces that took."""
        piece = self._reading.pieces[at]
        if piece.is_stop or is_a(WordRole.TURN, piece.text):
            self._begin_anew()
            self._denying = self._pair(at) in _ALL_BUT
        elif (found := self._longest(at)) is not None:
            clause, length = found
            self._ask(replace(clause, compared=self._compares(at, clause)))
            return length
        else:
            self._pass(at)
        return 1

    def _begin_anew(self) -> None:
        self._denying = self._alike = self._by = False
        self._refused: Topic | NameKind | None = None

    def _ask(self, clause: Clause) -> None:
        """``No drums and guitars`` refuses both, ``no vocals and calm`` one of them."""
        denied = self._denying and self._refused in (None, clause.topic)
        is_name = isinstance(clause.topic, NameKind)
        self._clauses.append(replace(clause, denied=denied, alike=self._alike and is_name))
        self._refused = clause.topic if denied else None
        self._denying, self._alike, self._by = denied, False, False

    def _pass(self, at: int) -> None:
        """A word that means nothing by itself."""
        word = self._reading.pieces[at].text
        if is_a(WordRole.NEGATION, word) or self._pair(at) in _DENYING_PAIRS:
            self._denying, self._refused = True, None
        elif self._says_like(at):
            self._alike = True
        elif is_a(WordRole.AUTHORSHIP, word):
            self._by = True
        elif is_a(WordRole.ENUMERATION, word) or (self._denying and is_a(WordRole.FILLER, word)):
            return
        elif not self._denying and says_something(word):
            self._words.append(word)
            if self._by or self._alike:
                self._of_names.add(word)
        elif self._denying and (self._refused is not None or says_something(word)):
            self._denying = False  # the refusal has ended, or is of something unknown

    def _says_like(self, at: int) -> bool:
        is_like = is_a(WordRole.LIKENESS, self._reading.pieces[at].text)
        return is_like or self._pair(at) in _LIKE_PAIRS

    def _pair(self, at: int) -> str:
        return self._reading.phrase(max(0, at - 1), at + 1)

    def _longest(self, at: int) -> tuple[Clause, int] | None:
        """The longest phrase from here on that means something, and how many pieces it has."""
        numbered = self._reading.pieces[at].numbered
        if numbered is not None:
            return Clause(numbered.phrase, numbered.meaning.topic, numbered.meaning), 1
        for length in range(max(longest_phrase(), LONGEST_NAME), 0, -1):
            if not self._reading.is_run(at, at + length):
                continue
            readings = [self._meant, self._named]
            if self._alike or self._by:
                readings.reverse()
            for read in (*readings, self._inflected):
                if (clause := read(at, at + length)) is not None:
                    return clause, length
        return None

    def _meant(self, start: int, end: int) -> Clause | None:
        phrase = self._reading.phrase(start, end)
        if is_a(WordRole.STOPWORD, phrase) or is_a(WordRole.FILLER, phrase):
            return None
        meaning = meaning_of(phrase) or self._tag(phrase)
        return None if meaning is None else Clause(phrase, meaning.topic, meaning)

    def _inflected(self, start: int, end: int) -> Clause | None:
        """``string quartets``, ``darker``: what another form of the last word means."""
        phrase = self._reading.phrase(start, end)
        before, _, last = phrase.rpartition(" ")
        for form in base_forms(last):
            meaning = meaning_of(f"{before} {form}".strip())
            if meaning is not None:
                return Clause(phrase, meaning.topic, meaning)
        return None

    def _compares(self, at: int, clause: Clause) -> bool:
        """``calmer``, ``more aggressive``, ``less so``, ``not as fast``."""
        before = self._reading.phrase(max(0, at - 1), at)
        return (
            before in _DEGREES
            or self._reading.phrase(max(0, at - 2), at) in _NOT_AS
            or is_comparative(clause.phrase)
        )

    def _named(self, start: int, end: int) -> Clause | None:
        name = self._reading.name(start, end)
        named = self._names.get(name)
        if named is None or not any(map(says_something, self._reading.phrase(start, end).split())):
            return None
        return Clause(name, named.kind, ids=named.ids)


def _compared(clauses: Sequence[Clause]) -> list[Clause]:
    """Less of a thing is more of its contrary, where there is anything to compare with."""
    has_likeness = any(one.alike and not one.denied for one in clauses)
    return [
        _lessened(clause) if clause.compared and has_likeness else replace(clause, compared=False)
        for clause in clauses
    ]


def _lessened(clause: Clause) -> Clause:
    less = contrary(clause.meaning) if clause.denied and clause.meaning is not None else None
    return clause if less is None else replace(clause, meaning=less, denied=False)


def _each_once(clauses: Sequence[Clause]) -> tuple[Clause, ...]:
    """Somebody who says a thing twice, in the same words or in others, means it once."""
    found: dict[tuple[object, ...], Clause] = {}
    for clause in clauses:
        meant = (clause.meaning.phrases if clause.meaning is not None else ()) or clause.phrase
        key = (meant, clause.denied, clause.alike, clause.compared)
        first = found.get(key)
        if first is None:
            found[key] = clause
        elif clause.phrase not in (first.phrase, *first.also):
            found[key] = replace(first, also=(*first.also, clause.phrase))
    return tuple(found.values())
