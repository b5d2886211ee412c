from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harmonie_daemon.compose.blocked import BLOCKED, around, blocked_emotions, first_blocked
from harmonie_daemon.compose.composer import compose
from harmonie_daemon.compose.lexicon import EMOTIONS, GENRES, INSTRUMENTS, TEMPOS
from harmonie_daemon.compose.prompt import LONGEST_PROMPT, parse_prompt
from harmonie_daemon.compose.prompt_tokens import tokens_of
from harmonie_daemon.domain.brief import (
    LONGEST_MS,
    SHORTEST_MS,
    Emotion,
    Genre,
    MusicalKey,
    Stem,
    TempoWord,
)
from harmonie_daemon.domain.errors import BriefError
from tests.compose.asked import make_brief

LENGTHS = {
    "a 30 second jingle": 30_000,
    "30s of calm": 30_000,
    "45-second pop": 45_000,
    "1:30 techno": 90_000,
    "techno, 0:45": 45_000,
    "2 minutes": 120_000,
    "2 min 15 sec": 135_000,
    "2m30s pop": 150_000,
    "1.5 minutes": 90_000,
    "1,5 minutes": 90_000,
    "1½ minutes": 90_000,
    "2 and 1/2 minutes": 150_000,
    "one and a half minute": 90_000,
    "one and a half minutes": 90_000,
    "a minute and a half": 90_000,
    "half a minute": 30_000,
    "a quarter of a minute": 15_000,
    "a couple of minutes": 120_000,
    "forty five seconds": 45_000,
    "ninety seconds": 90_000,
    "three minutes and twenty seconds of jazz": 200_000,
    "two-minute loop": 120_000,
    "an hour of sleep music": LONGEST_MS,
    "1 second": SHORTEST_MS,
    "0 seconds": SHORTEST_MS,
    "make it 99999999999999999999 seconds": 60_000,
    "90s rock song": 60_000,
    "80s synthwave": 60_000,
    "something from the 1990s": 60_000,
    "a 90s long rock song": 90_000,
    "for 90s": 90_000,
    "make me a 60s ad": 60_000,
    "no number at all": 60_000,
    "4/4 groove, 128 bpm": 60_000,
    "A 20 second intro for our 2 hour show": 20_000,
}


@pytest.mark.parametrize(("text", "duration_ms"), LENGTHS.items())
def test_lengths(text: str, duration_ms: int) -> None:
    assert parse_prompt(text).duration_ms == duration_ms


TEMPI = {
    "techno at 128 bpm": 128.0,
    "128bpm": 128.0,
    "BPM: 90": 90.0,
    "120 BPM": 120.0,
    "tempo of 77": 77.0,
    "92.5 beats per minute": 92.5,
    "1000 bpm": 300.0,
    "1 bpm": 20.0,
    "drum and bass": 172.0,
    "slow drum and bass": None,
    "a fast song": None,
}


@pytest.mark.parametrize(("text", "bpm"), TEMPI.items())
def test_tempi(text: str, bpm: float | None) -> None:
    assert parse_prompt(text).bpm == bpm


KEYS = {
    "in C minor": (0, "minor"),
    "C minor": (0, "minor"),
    "a ballad in A minor": (9, "minor"),
    "key of F#": (6, "major"),
    "key: Bb": (10, "major"),
    "in E flat major": (3, "major"),
    "E♭ major": (3, "major"),
    "F sharp minor": (6, "minor"),
    "techno, F#m, 130 bpm": (6, "minor"),
    "something in Dm": (2, "minor"),
    "D dorian": (2, "minor"),
    "G mixolydian": (7, "major"),
    "in a minor": (9, "minor"),
    "a major success for a minor hero": None,
    "I am a happy man": None,
    "be bold": None,
}


@pytest.mark.parametrize(("text", "key"), KEYS.items())
def test_keys(text: str, key: tuple[int, str] | None) -> None:
    assert parse_prompt(text).key == (None if key is None else MusicalKey(*key))


def test_a_mode_without_a_tonic_keeps_its_mode() -> None:
    asked = parse_prompt("heroic orchestral music in a minor key").key
    assert asked is not None
    assert asked.mode == "minor"


G, E, T = Genre, Emotion, TempoWord
MEANINGS = {
    "Make a 30 second upbeat EDM track for a party": (G.ELECTRONIC, [E.HAPPY], T.FAST),
    "30 seconds peaceful lo-fi chill hop track": (G.HIPHOP, [E.CALM], T.SLOW),
    "starts calm and ends triumphant, orchestral": (G.CINEMATIC, [E.CALM, E.TRIUMPHANT], T.MEDIUM),
    "heavy trap": (G.HIPHOP, [E.ANGRY], T.FAST),
    "meditation": (G.AMBIENT, [E.CALM], T.SLOW),
    "90s rock song": (G.INDIE, [E.HAPPY], T.MEDIUM),
    "qwertz": (G.AMBIENT, [E.CALM], T.SLOW),
    "something fast": (G.POP, [E.HAPPY], T.FAST),
    "from sad to happy": (G.AMBIENT, [E.SAD, E.HAPPY], T.MEDIUM),
    "spooky, then frantic action, finally victorious": (
        G.CINEMATIC,
        [E.SCARY, E.ENERGETIC, E.TRIUMPHANT],
        T.FAST,
    ),
    "happy and energetic pop": (G.POP, [E.HAPPY], T.MEDIUM),
    "not sad, but hopeful piano": (G.POP, [E.INSPIRATIONAL], T.MEDIUM),
    "not too fast, joyful": (G.POP, [E.JOYFUL], T.MEDIUM),
    "no sad or angry vibes, dreamy synthwave": (G.ELECTRONIC, [E.DREAMY], T.MEDIUM),
    "R&B slow jam": (G.RNB, [E.RELAXING], T.SLOW),
    "sitar and tabla": (G.INDIAN, [E.CALM], T.SLOW),
    "battle music": (G.CINEMATIC, [E.ANGRY], T.FAST),
    "scary": (G.CINEMATIC, [E.SCARY], T.MEDIUM),
}


@pytest.mark.parametrize(("text", "meaning"), MEANINGS.items())
def test_styles_and_feelings(text: str, meaning: tuple[Genre, list[Emotion], TempoWord]) -> None:
    brief = parse_prompt(text)
    assert (brief.genre, [s.emotion for s in brief.sections], brief.tempo) == meaning


def test_sections_share_the_time_or_have_their_own() -> None:
    shared = parse_prompt("starts calm and ends triumphant, 1 minute 31 seconds")
    assert [s.length_ms for s in shared.sections] == [45_500, 45_500]
    own = parse_prompt("30 seconds of calm then 20 seconds of energy, then 10 seconds sad")
    assert [(s.start_ms, s.length_ms) for s in own.sections] == [
        (0, 30_000),
        (30_000, 20_000),
        (50_000, 10_000),
    ]


WITHOUT = {
    "happy pop, no drums": {Stem.PERCUSSION},
    "without any drums or bass": {Stem.PERCUSSION, Stem.BASS},
    "no drums and no melody": {Stem.PERCUSSION, Stem.MELODY},
    "drumless": {Stem.PERCUSSION},
    "please don't use heavy percussion": {Stem.PERCUSSION},
    "no drums, bass only": {Stem.PERCUSSION},
    "drums and bass": set(),
    "not sad drums": set(),
    "solo piano": {Stem.PERCUSSION, Stem.BASS},
    "no drums, no bass, no chords, no melody": {Stem.PERCUSSION, Stem.BASS, Stem.MELODY},
}


@pytest.mark.parametrize(("text", "stems"), WITHOUT.items())
def test_what_is_left_out(text: str, stems: set[Stem]) -> None:
    brief = parse_prompt(text)
    assert brief.without == stems
    compose(brief, 1)


def test_instruments_are_taken_at_their_word() -> None:
    assert parse_prompt("a violin and a piano").programs == ((Stem.MELODY, 40), (Stem.CHORDS, 0))
    assert parse_prompt("no piano, a flute").programs == ((Stem.MELODY, 73),)
    assert parse_prompt("solo guitar").programs == ((Stem.CHORDS, 25), (Stem.MELODY, 25))
    assert parse_prompt("indian music with flute and piano").programs == (
        (Stem.MELODY, 73),
        (Stem.MELODY, 0),
    )


def test_a_loop_is_a_loop() -> None:
    assert parse_prompt("a seamless lofi loop").looping
    assert not parse_prompt("a lofi song").looping


def test_a_title_is_the_prompt_without_its_politeness() -> None:
    assert parse_prompt("Please make me a calm Song").title == "Calm Song"
    assert len(parse_prompt("wonderful " * 60).title) <= 60


@pytest.mark.parametrize("text", ["", "   ", "\x00\x07\n\t", "\u200b", "x" * (LONGEST_PROMPT + 1)])
def test_no_text_and_too_much_of_it_are_refused(text: str) -> None:
    with pytest.raises(BriefError, match=r"empty; say|shorten it"):
        parse_prompt(text)


def test_ten_kilobytes_and_control_characters() -> None:
    with pytest.raises(BriefError, match="2,000 characters"):
        parse_prompt("calm " * 2_000)
    brief = parse_prompt("\x1b[31mhappy\x00pop\u202e\r\n" + "\x00" * 8_000)
    assert (brief.genre, brief.sections[0].emotion) == (Genre.POP, Emotion.HAPPY)
    assert brief.title.isprintable()
    with pytest.raises(BriefError):
        parse_prompt("9" * 10_000)


PIECES = ["no", "90", "s", "min", "bpm", ":", "#", "b", "key", "of", "a", "and", "/", "½"]


@settings(max_examples=150, deadline=None)
@given(
    st.text(max_size=300)
    | st.lists(
        st.sampled_from([*GENRES, *EMOTIONS, *TEMPOS, *INSTRUMENTS, *PIECES]),
        min_size=1,
        max_size=60,
    ).map(" ".join)
)
def test_every_text_has_a_brief(text: str) -> None:
    try:
        brief = parse_prompt(text)
    except BriefError:
        assert not any(sign.isprintable() and not sign.isspace() for sign in text)
        return
    assert SHORTEST_MS <= brief.duration_ms <= LONGEST_MS
    assert first_blocked(brief) is None
    assert brief.title
    assert len(brief.without) < len(Stem)


def test_words_are_found_by_their_tokens() -> None:
    """A phrase that the tokens of a text can never spell would be dead."""
    for phrase in (*GENRES, *EMOTIONS, *TEMPOS, *INSTRUMENTS):
        assert " ".join(token.text for token in tokens_of(phrase)) == phrase
        assert len(phrase.split()) <= 4


def test_blocked_combinations_move_their_tempo_first() -> None:
    assert parse_prompt("slow rnb, sad").tempo is TempoWord.MEDIUM
    assert parse_prompt("energetic indie").tempo is TempoWord.FAST
    assert parse_prompt("slow energetic hiphop").tempo is TempoWord.MEDIUM
    for combination in BLOCKED:
        for emotion in combination.emotions:
            brief = make_brief(combination.genre, emotion, combination.tempo)
            assert first_blocked(brief) is emotion
            moved = around(brief)
            assert first_blocked(moved) is None
            assert moved.genre is brief.genre
            assert moved.sections == brief.sections
    assert blocked_emotions(Genre.INDIE, TempoWord.MEDIUM) == {Emotion.ENERGETIC}
    assert len(BLOCKED) == 6


def test_every_genre_has_a_tempo_for_every_feeling() -> None:
    for genre in Genre:
        everything = [blocked_emotions(genre, tempo) for tempo in TempoWord]
        assert frozenset() in everything
