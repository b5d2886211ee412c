"""What a text says of its writer's mood."""

from __future__ import annotations

import pytest

from harmonie_daemon.discovery.mood_words import KIN, OPPOSITES, PRIMARY_MOODS, STEMS
from harmonie_daemon.discovery.moods import (
    MOST_CHARACTERS,
    MOST_EVIDENCE,
    analyse_mood,
    mood_of_word,
)

SAID = {
    "nostalgic": "Remembering my childhood and all those old photographs",
    "sad": "My grandmother died and I cried all night, heartbroken",
    "happy": "What a cheerful, sunny morning, I am so glad",
    "energetic": "Full of energy for the gym and a long run",
    "calm": "I want to relax and unwind, something gentle",
    "romantic": "A candlelight dinner with the love of my life",
    "anxious": "Worried sick about the exam, so nervous",
    "excited": "I can't wait for the festival, so thrilled",
    "angry": "They betrayed me and I am furious",
    "peaceful": "Sitting by the ocean, serene, at peace",
}


@pytest.mark.parametrize(("mood", "text"), SAID.items())
def test_each_primary_mood_is_heard(mood: str, text: str) -> None:
    assert analyse_mood(text).primary == mood


def test_all_ten_are_in_the_table_above() -> None:
    assert set(SAID) == set(PRIMARY_MOODS)


@pytest.mark.parametrize(
    ("text", "primary", "evidence"),
    [
        ("I am not happy", "sad", "not happy"),
        ("I don't feel anxious any more", "calm", "don't anxious"),
        ("never felt less sad", "sad", "sad"),
        ("cannot stop crying", "sad", "stop crying"),
        ("I’m not angry", "calm", "not angry"),
        ("wide awake, not tired", "energetic", "not tired"),
    ],
)
def test_denied_moods_become_their_opposites(text: str, primary: str, evidence: str) -> None:
    found = analyse_mood(text)
    assert (found.primary, found.evidence[0].word) == (primary, evidence)


def test_a_denial_ends_with_its_sentence() -> None:
    assert analyse_mood("No. Happy now.").primary == "happy"


def test_stronger_and_weaker_words_change_the_intensity() -> None:
    weak, plain, strong = (
        analyse_mood(text).intensity
        for text in ("slightly nostalgic", "nostalgic", "extremely nostalgic")
    )
    assert weak < plain < strong


def test_loud_writing_is_more_intense() -> None:
    assert analyse_mood("i am glad").intensity < analyse_mood("I AM GLAD!!!").intensity <= 1.0


def test_second_moods_follow_the_first() -> None:
    found = analyse_mood("nostalgic and contemplative, thinking about old memories")
    assert (found.primary, found.secondary) == ("nostalgic", "contemplative")


def test_a_mood_that_is_only_ever_second_brings_its_kin_to_the_front() -> None:
    found = analyse_mood("so bored")
    assert (found.primary, found.others) == ("calm", ("tired",))


def test_sentiment_decides_where_no_word_is_known() -> None:
    good, bad, neither = (analyse_mood(text) for text in ("not bad", "horrible", "ich bin da"))
    assert (good.primary, bad.primary, neither.primary) == ("happy", "sad", "calm")
    assert good.sentiment > 0 > bad.sentiment
    assert (neither.sentiment, neither.evidence, neither.secondary) == (0.0, (), None)


@pytest.mark.parametrize(
    ("word", "mood"),
    [("happiness", "happy"), ("raging", "angry"), ("seal", None), ("angel", None), ("", None)],
)
def test_a_stem_counts_only_with_an_ending(word: str, mood: str | None) -> None:
    assert mood_of_word(word) == mood


def test_tables_fit_together() -> None:
    stems = [stem for words in STEMS.values() for stem in words.split()]
    assert sorted(stems) == sorted(set(stems)), "a stem stands for one mood"
    assert set(KIN) == set(STEMS) - set(PRIMARY_MOODS)
    assert {*OPPOSITES, *OPPOSITES.values()} <= set(STEMS)


@pytest.mark.parametrize(
    "text", ["very good not bad " * 100_000, "a" * 2_000_000, "!?\n" * 500_000]
)
def test_a_long_text_is_read_in_part(text: str) -> None:
    assert analyse_mood(text) == analyse_mood(text[:MOST_CHARACTERS])
    assert len(analyse_mood(text).evidence) <= MOST_EVIDENCE
