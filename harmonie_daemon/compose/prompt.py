"""From free text to a brief, by the words in it.

No model is asked: what a person writes in a line or two about music is a length, a tempo, a key,
a style, a feeling or two, instruments, and what is to be left out. Whatever is not said has a
default.
"""

from __future__ import annotations

from itertools import pairwise

from harmonie_daemon.compose import lexicon
from harmonie_daemon.compose.affects import AFFECTS
from harmonie_daemon.compose.blocked import around
from harmonie_daemon.compose.prompt_phrases import PhraseFinder
from harmonie_daemon.compose.prompt_tokens import (
    alternate,
    durations,
    key_in,
    tempo_in,
    tokens_of,
)
from harmonie_daemon.domain.brief import (
    LONGEST_MS,
    SHORTEST_MS,
    Brief,
    BriefSection,
    Emotion,
    Genre,
    MusicalKey,
    Stem,
    TempoWord,
)
from harmonie_daemon.domain.errors import BriefError

LONGEST_PROMPT = 2000
"""Characters."""
SLOWEST_BPM, FASTEST_BPM = 20.0, 300.0
_DEFAULT_MS = 60_000
_MOST_SECTIONS = 8
_LONGEST_TITLE = 60


def parse_prompt(text: str) -> Brief:
    """What a text asks for; whatever it does not say has a default.

    Signs that cannot be printed count as spaces. Combinations that are blocked are steered
    around, so that every text of a fitting length has a brief.

    Raises:
        BriefError: the text is empty or too long.
    """
    if len(text) > 20 * LONGEST_PROMPT:
        text = text[: 20 * LONGEST_PROMPT]
    words = " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
    if not words:
        raise BriefError("the prompt is empty; say what is to be composed")
    if len(words) > LONGEST_PROMPT:
        raise BriefError(
            f"the prompt has over {LONGEST_PROMPT:,} characters; shorten it to what matters"
        )
    return around(_Reading(words).brief())


class _Reading:
    """One text while it is being understood."""

    def __init__(self, words: str) -> None:
        self._words = words
        self._tokens = tokens_of(words)
        self._lengths = list(durations(self._tokens))
        self._bpm = tempo_in(self._tokens)
        self._key = key_in(self._tokens)
        taken: set[int] = set()
        for found in (*self._lengths, *([self._bpm] if self._bpm else [])):
            taken.update(range(found.first, found.last))
        taken.update(self._key[1] if self._key else ())
        self._phrases = PhraseFinder(self._tokens, taken)

    def brief(self) -> Brief:
        style = self._style()
        programs, alone, suggested = self._instruments()
        feelings = self._feelings()
        emotions = [emotion for emotion, _ in feelings]
        if not emotions:
            emotions = [self._unsaid_emotion(style, suggested)]
        genre = self._genre(style, suggested, emotions[0])
        return Brief(
            genre=genre,
            tempo=self._tempo_word(style, emotions),
            sections=self._sections(emotions, [place for _, place in feelings]),
            title=_title(self._words),
            bpm=self._asked_bpm(style),
            key=self._key_asked(),
            looping=self._phrases.says(lexicon.LOOPS),
            without=self._without(alone),
            programs=_fitting(programs * (2 if alone else 1), genre),
        )

    def _style(self) -> lexicon.GenreWord | None:
        """The earliest style; one of the same genre that says more wins over a bare one."""
        said = [word for match, word in self._phrases.matches(lexicon.GENRES) if not match.denied]
        if not said:
            return None
        same = [word for word in said if word.genre is said[0].genre]
        return next((word for word in same if word.emotion or word.tempo), said[0])

    def _feelings(self) -> list[tuple[Emotion, int]]:
        """One emotion for each stretch of the piece that the text tells apart, with its place."""
        found = [
            (match.first, word[0])
            for match, word in self._phrases.matches(lexicon.EMOTIONS)
            if not match.denied
        ]
        feelings: list[tuple[Emotion, int]] = []
        for place, emotion in found:
            if not feelings or (
                self._turns_between(feelings[-1][1], place) and emotion is not feelings[-1][0]
            ):
                feelings.append((emotion, place))
        return feelings[:_MOST_SECTIONS]

    def _turns_between(self, one: int, other: int) -> bool:
        between = {token.text for token in self._tokens[one + 1 : other]}
        if between & (lexicon.TURNS - {"to"}):
            return True
        before = {token.text for token in self._tokens[max(0, one - 4) : one]}
        return "to" in between and bool(before & lexicon.BEGINNINGS)

    def _instruments(self) -> tuple[list[tuple[str, int]], bool, Genre | None]:
        """Phrases with programs in the order of mention, whether one is alone, its genre."""
        asked, alone, genre = [], False, None
        for match, word in self._phrases.matches(lexicon.INSTRUMENTS):
            if match.denied:
                continue
            asked.append((match.phrase, word.program))
            genre = genre or word.genre
            beside = (match.first - 1, match.last)
            alone = alone or any(
                0 <= one < len(self._tokens) and self._tokens[one].text in lexicon.ALONE
                for one in beside
            )
        return asked, alone, genre

    def _without(self, alone: bool) -> frozenset[Stem]:
        denied = {stem for match, stem in self._phrases.matches(lexicon.STEMS) if match.denied}
        denied |= {lexicon.DROPPED[one.text] for one in self._tokens if one.text in lexicon.DROPPED}
        if alone:
            denied |= {Stem.PERCUSSION, Stem.BASS}
        if denied >= set(Stem):
            denied.discard(Stem.CHORDS)
        return frozenset(denied)

    def _genre(
        self, style: lexicon.GenreWord | None, suggested: Genre | None, emotion: Emotion
    ) -> Genre:
        if style is not None:
            return style.genre
        if suggested is not None:
            return suggested
        if emotion in _FILMIC:
            return Genre.CINEMATIC
        return Genre.AMBIENT if AFFECTS[emotion].arousal < 0.3 else Genre.POP

    def _unsaid_emotion(self, style: lexicon.GenreWord | None, suggested: Genre | None) -> Emotion:
        if style is not None and style.emotion is not None:
            return style.emotion
        genre = style.genre if style is not None else suggested
        if genre is None:
            return Emotion.HAPPY if self._said_tempo() is TempoWord.FAST else Emotion.CALM
        return Emotion.ENERGETIC if self._said_tempo() is TempoWord.FAST else _USUAL[genre]

    def _said_tempo(self) -> TempoWord | None:
        said = (word for match, word in self._phrases.matches(lexicon.TEMPOS) if not match.denied)
        return next(said, None)

    def _tempo_word(self, style: lexicon.GenreWord | None, emotions: list[Emotion]) -> TempoWord:
        """Said outright, or by a feeling, or by a style; else as stirring as the feelings are."""
        said = self._said_tempo()
        if said is not None:
            return said
        for match, (_, tempo) in self._phrases.matches(lexicon.EMOTIONS):
            if tempo is not None and not match.denied:
                return tempo
        if style is not None and style.tempo is not None:
            return style.tempo
        arousal = sum(AFFECTS[emotion].arousal for emotion in emotions) / len(emotions)
        if arousal >= 0.85:
            return TempoWord.FAST
        return TempoWord.SLOW if arousal < 0.25 else TempoWord.MEDIUM

    def _asked_bpm(self, style: lexicon.GenreWord | None) -> float | None:
        if self._bpm is not None:
            return min(FASTEST_BPM, max(SLOWEST_BPM, self._bpm.value))
        return style.bpm if style is not None and self._said_tempo() is None else None

    def _key_asked(self) -> MusicalKey | None:
        return self._key[0] if self._key else None

    def _sections(self, emotions: list[Emotion], places: list[int]) -> tuple[BriefSection, ...]:
        lengths = self._lengths_ms(places)
        sections, start = [], 0
        for emotion, length in zip(emotions, lengths, strict=True):
            sections.append(BriefSection(emotion, start, length))
            start += length
        return tuple(sections)

    def _lengths_ms(self, places: list[int]) -> list[int]:
        """A length for each stretch if each has its own; else equal shares of the first one."""
        count = max(1, len(places))
        if count > 1 and len(self._lengths) == count and alternate(places, self._lengths):
            each = [max(1, round(found.value * 1000)) for found in self._lengths]
            total = _clamped(sum(each))
            borders = [round(total * sum(each[:n]) / sum(each)) for n in range(count + 1)]
        else:
            said = self._lengths[0].value * 1000 if self._lengths else _DEFAULT_MS
            total = _clamped(said)
            borders = [round(total * n / count) for n in range(count + 1)]
        return [after - before for before, after in pairwise(borders)]


_FILMIC = {Emotion.TRIUMPHANT, Emotion.SCARY, Emotion.TENSE, Emotion.FEARFUL}
"""What films are scored with, where no style is named."""
_USUAL = {
    Genre.INDIAN: Emotion.CALM,
    Genre.POP: Emotion.HAPPY,
    Genre.AMBIENT: Emotion.CALM,
    Genre.INDIE: Emotion.HAPPY,
    Genre.RNB: Emotion.RELAXING,
    Genre.CINEMATIC: Emotion.INSPIRATIONAL,
    Genre.HIPHOP: Emotion.RELAXING,
    Genre.ELECTRONIC: Emotion.ENERGETIC,
}


def _clamped(milliseconds: float) -> int:
    return round(min(LONGEST_MS, max(SHORTEST_MS, milliseconds)))


def _fitting(asked: list[tuple[str, int]], genre: Genre) -> tuple[tuple[Stem, int], ...]:
    """Each instrument on the first stem it suits that is still free."""
    free = dict.fromkeys(Stem, 1) | {Stem.CHORDS: 0 if genre is Genre.INDIAN else 1}
    if genre is Genre.INDIAN:
        free[Stem.MELODY] = 2
    programs = []
    for phrase, program in asked:
        stems = (*lexicon.INSTRUMENTS[phrase].stems, Stem.MELODY)
        stem = next((one for one in stems if free[one]), None)
        if stem is not None:
            free[stem] -= 1
            programs.append((stem, program))
    return tuple(programs)


_OPENINGS = frozenset(
    [
        "make",
        "create",
        "compose",
        "generate",
        "write",
        "produce",
        "give",
        "me",
        "us",
        "a",
        "an",
        "some",
        "please",
        "i",
        "want",
        "need",
        "would",
        "like",
        "can",
        "you",
        "the",
        "track",
        "song",
        "piece",
        "of",
        "music",
        "for",
    ]
)


def _title(words: str) -> str:
    """The prompt without its polite beginning, cut at a word."""
    kept = words.split()
    while len(kept) > 2 and kept[0].casefold().strip(",.") in _OPENINGS:
        kept.pop(0)
    title = ""
    for word in kept:
        if title and len(title) + 1 + len(word) > _LONGEST_TITLE:
            break
        title = f"{title} {word}".strip()
    title = title[:_LONGEST_TITLE].rstrip(" ,.;:") or words[:_LONGEST_TITLE]
    return title[0].upper() + title[1:]
