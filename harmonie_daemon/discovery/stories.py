"""A story of a listener and their tracks, told by a grammar over what was measured in the tracks.

No model and no chance from outside: the same wish gets the same story. Each track has a scene, in
the order given, as far as there is room; a scene is what the track sounds like (its tempo, energy,
valence, key, style and year, as far as they are known), what the listener does, and a thought of
the theme. Sentences are added, round by round over the scenes, until the asked length is reached;
none is used twice.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from harmonie_daemon.discovery.story_sounds import StoryTrack, colour_of, level_of, sound_of
from harmonie_daemon.discovery.story_words import (
    ARRIVALS,
    COLOURS,
    DEEDS,
    ENDINGS,
    JOINTS,
    OPENINGS,
    PLACES,
    THEMES,
    THOUGHTS,
    TYPES,
    UNKNOWN_SOUNDS,
)

MOST_TRACKS = 8
"""With a scene of their own; more do not fit a page."""
SENTENCES_A_PARAGRAPH = 7
WORDS: dict[str, tuple[int, int]] = {"short": (200, 300), "medium": (400, 500), "long": (600, 800)}
"""Least and most words by the asked length."""
WORDS_PER_MINUTE = 200


@dataclass(frozen=True, slots=True)
class StoryWish:
    """What a story is to be like; unknown types, themes and lengths fall back."""

    user_name: str
    story_type: str = "journey"
    theme: str | None = None
    """``None`` or unknown: what the tracks suggest."""
    length: str = "medium"
    most_words: int = 1000


@dataclass(frozen=True, slots=True)
class Featured:
    """A track of the story, and its part in it."""

    title: str
    context: str


@dataclass(frozen=True, slots=True)
class Story:
    """A story, its paragraphs divided by blank lines."""

    text: str
    featured: tuple[Featured, ...]
    story_type: str
    theme: str

    @property
    def word_count(self) -> int:
        """Words as a reader counts them."""
        return len(self.text.split())

    @property
    def reading_minutes(self) -> int:
        """At 200 words a minute, at least one."""
        return max(1, self.word_count // WORDS_PER_MINUTE)


def tell(tracks: Sequence[StoryTrack], wish: StoryWish) -> Story:
    """Tell a story of the first eight tracks. Raises ``ValueError`` without any."""
    if not tracks:
        raise ValueError("a story needs a track")
    told = tuple(tracks[:MOST_TRACKS])
    return _Teller(told, wish).story()


def story_type_of(wish: StoryWish) -> str:
    """The type that is told: the one asked for, or a journey."""
    asked = wish.story_type.casefold().strip()
    return asked if asked in TYPES else TYPES[0]


def theme_of(tracks: Sequence[StoryTrack], wish: StoryWish) -> str:
    """The theme asked for (also where it stands as the type), or what the tracks suggest."""
    for asked in (wish.theme or "", wish.story_type):
        if asked.casefold().strip() in THEMES:
            return asked.casefold().strip()
    energy = _mean([track.energy for track in tracks])
    valence = _mean([track.valence for track in tracks])
    if energy >= 0.6:
        return "adventurous" if valence < 0.5 else "inspirational"
    return "nostalgic" if valence < 0.5 else "inspirational"


def words_wanted(wish: StoryWish) -> tuple[int, int]:
    """Least and most words of the story."""
    least, most = WORDS.get(wish.length.casefold().strip(), WORDS["medium"])
    most = max(1, min(most, wish.most_words))
    return min(least, most * 4 // 5), most


@dataclass(slots=True)
class _Scene:
    track: StoryTrack
    place: str
    sound: str
    sentences: list[str] = field(default_factory=list)

    @property
    def arrival(self) -> str:
        """The sentence that brings it in."""
        return self.sentences[0]

    @property
    def paragraphs(self) -> list[str]:
        size = SENTENCES_A_PARAGRAPH
        starts = range(0, len(self.sentences), size)
        return [" ".join(self.sentences[start : start + size]) for start in starts]


class _Teller:
    def __init__(self, tracks: Sequence[StoryTrack], wish: StoryWish) -> None:
        self._tracks = tracks
        self._type = story_type_of(wish)
        self._theme = theme_of(tracks, wish)
        self._name = wish.user_name.strip() or "Somebody"
        self._least, self._most = words_wanted(wish)
        self._random = random.Random(_digest(wish, tracks, self._type, self._theme))  # noqa: S311
        self._decks: dict[int, Iterator[str]] = {}

    def story(self) -> Story:
        opening = self._of(OPENINGS[self._type])
        ending = self._of(ENDINGS[self._theme])
        scenes = self._scenes()
        spent = _words(opening, ending, *(one.arrival for one in scenes))
        while len(scenes) > 1 and spent > self._most:
            spent -= _words(scenes.pop().arrival)
        if spent > self._most:
            spent, opening = spent - _words(opening), ""
        if spent > self._most:
            spent, ending = spent - _words(ending), ""
        for scene, sentence in self._further(scenes):
            if spent >= self._aim or spent + _words(sentence) > self._most:
                break
            scene.sentences.append(sentence)
            spent += _words(sentence)
        paragraphs = [opening, *(part for one in scenes for part in one.paragraphs), ending]
        featured = tuple(
            Featured(one.track.title, _context(number, one)) for number, one in enumerate(scenes)
        )
        return Story("\n\n".join(filter(None, paragraphs)), featured, self._type, self._theme)

    @property
    def _aim(self) -> int:
        return (self._least + self._most) // 2

    def _scenes(self) -> list[_Scene]:
        """One for each track, with the sentence that brings it in."""
        places = PLACES[self._type]
        step = len(places) / len(self._tracks)
        scenes = []
        for number, track in enumerate(self._tracks):
            last = len(self._tracks) > 1 and number == len(self._tracks) - 1
            place = places[-1] if last else places[int(number * step)]
            scene = _Scene(track, place, sound_of(track) or UNKNOWN_SOUNDS[number])
            scene.sentences.append(self._of(ARRIVALS, scene=scene))
            scenes.append(scene)
        return scenes

    def _further(self, scenes: Sequence[_Scene]) -> Iterator[tuple[_Scene, str]]:
        """More sentences for every scene, one each, round after round, until none is left."""
        while True:
            told = False
            for part in (self._deed, self._thought, self._colour, self._joint):
                for scene in scenes:
                    sentence = part(scene)
                    if sentence:
                        told = True
                        yield scene, sentence
            if not told:
                return

    def _deed(self, scene: _Scene) -> str:
        return self._of(DEEDS[level_of(scene.track.energy)], DEEDS["mid"], scene=scene)

    def _thought(self, scene: _Scene) -> str:
        """Of the theme; a long story of few tracks borrows from the others."""
        at = THEMES.index(self._theme)
        pools = [THOUGHTS[theme] for theme in (*THEMES[at:], *THEMES[:at])]
        return self._of(*pools, scene=scene)

    def _colour(self, scene: _Scene) -> str:
        return self._of(COLOURS[colour_of(scene.track.valence)], COLOURS["even"], scene=scene)

    def _joint(self, scene: _Scene) -> str:
        return self._of(JOINTS, scene=scene)

    def _of(self, *pools: Sequence[str], scene: _Scene | None = None) -> str:
        """The next sentence of the first pool that has one left, each in an order of its own."""
        for pool in pools:
            deck = self._decks.get(id(pool))
            if deck is None:
                deck = iter(self._random.sample(pool, len(pool)))
                self._decks[id(pool)] = deck
            sentence = next(deck, "")
            if sentence:
                return sentence.format(**self._slots(scene))
        return ""

    def _slots(self, scene: _Scene | None) -> dict[str, str]:
        is_begun = scene is not None and bool(scene.sentences)
        named = not is_begun or self._random.random() < 0.3
        slots = {
            "name": self._name,
            "who": self._name if named else "they",
            "who_first": self._name if named else "They",
            "who_object": self._name if named else "them",
        }
        if scene is not None:
            slots |= {
                "title": scene.track.title,
                "by": f" by {scene.track.artist}" if scene.track.artist else "",
                "place": scene.place,
                "place_first": scene.place[0].upper() + scene.place[1:],
                "sound": scene.sound,
            }
        return slots


def _context(number: int, scene: _Scene) -> str:
    which = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth")[number]
    return f"The {which} scene, {scene.place}: {scene.sound}"


def _mean(values: Sequence[float | None]) -> float:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else 0.5


def _words(*sentences: str) -> int:
    return sum(len(sentence.split()) for sentence in sentences)


def _digest(*parts: object) -> int:
    return int.from_bytes(hashlib.blake2b(repr(parts).encode(), digest_size=8).digest())
