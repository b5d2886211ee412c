"""What is understood of a text."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harmonie_daemon.discovery.query import MOST_CLAUSES, Query, names_in, understand
from harmonie_daemon.discovery.reading import LONGEST_TEXT, read
from harmonie_daemon.discovery.signs import KeySign, LengthSign, MoodSign, TempoSign, YearSign
from harmonie_daemon.discovery.vocabulary import Topic, meaning_of
from harmonie_daemon.domain.track import Scale
from harmonie_daemon.domain.words import MOST_WORDS
from harmonie_daemon.store.names import Named, NameKind


def understood(text: str, **names: Named) -> Query:
    return understand(text, read(text), names, lambda _: None)


def asked(query: Query) -> list[str]:
    return [clause.phrase for clause in query.clauses if not clause.denied]


def refused(query: Query) -> list[str]:
    return [clause.phrase for clause in query.clauses if clause.denied]


def test_the_longest_phrase_wins() -> None:
    query = understood("fast Melodic Death-Metal with distorted guitars")
    assert asked(query) == ["fast", "melodic death metal", "distorted guitars"]
    assert [clause.topic for clause in query.clauses] == [
        Topic.TEMPO,
        Topic.GENRE,
        Topic.INSTRUMENT,
    ]
    assert query.words == ()


@pytest.mark.parametrize(
    ("text", "wanted", "unwanted"),
    [
        ("calm, no vocals", ["calm"], ["vocals"]),
        ("not too fast", [], ["fast"]),
        ("heavy but nothing classical", ["heavy"], ["classical"]),
        ("jazz without drums and piano", ["jazz"], ["drums", "piano"]),
        ("no vocals and calm", ["calm"], ["vocals"]),
        ("no drums, calm", ["calm"], ["drums"]),
        ("never sad nor dark", [], ["sad", "dark"]),
        ("not sad but dark", ["dark"], ["sad"]),
        ("don't play anything aggressive", [], ["aggressive"]),
        ("no xylofoobars but calm", ["calm"], []),
        ("anything but country", [], ["country"]),
        ("nothing but country", ["country"], []),
        ("I don't like metal", [], ["metal"]),
        ("less aggressive, more relaxed", ["relaxed"], ["aggressive"]),
        ("happy", ["happy"], []),
        ("jazz rather than blues", ["jazz"], ["blues"]),
        ("anything other than metal", [], ["metal"]),
        ("piano instead of guitars", ["piano"], ["guitars"]),
    ],
)
def test_what_is_refused(text: str, wanted: list[str], unwanted: list[str]) -> None:
    query = understood(text)
    assert (asked(query), refused(query)) == (wanted, unwanted)


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        ("at 120 bpm", TempoSign(118.0, 122.0)),
        ("120BPM", TempoSign(118.0, 122.0)),
        ("100 to 110 bpm", TempoSign(100.0, 110.0)),
        ("110-100 bpm", TempoSign(100.0, 110.0)),
        ("under 100 bpm", TempoSign(None, 100.0)),
        ("over 140 beats per minute", TempoSign(140.0, None)),
        ("slower than 80 bpm", TempoSign(None, 80.0)),
        ("tempo 140", TempoSign(138.0, 142.0)),
        ("a tempo of about 95 bpm", TempoSign(93.0, 97.0)),
        ("BPM: 95", TempoSign(93.0, 97.0)),
        ("from 2006", YearSign(2006, 2006)),
        ("before 1990", YearSign(None, 1989)),
        ("until 1990", YearSign(None, 1990)),
        ("since 2010", YearSign(2010, None)),
        ("after 2010", YearSign(2011, None)),
        ("1995 - 1990", YearSign(1990, 1995)),
        ("the 80s", YearSign(1980, 1989)),
        ("the 1980's", YearSign(1980, 1989)),
        ("late '90s", YearSign(1996, 1999)),
        ("2010s", YearSign(2010, 2019)),
        ("the nineties", YearSign(1990, 1999)),
        ("songs under 3 minutes", LengthSign(None, 180.0)),
        ("no longer than four mins", LengthSign(None, 240.0)),
        ("over half an hour", LengthSign(1800.0, None)),
        ("at least 2.5 minutes long", LengthSign(150.0, None)),
        ("between 3 and 5 minutes", LengthSign(180.0, 300.0)),
        ("10 minute tracks", LengthSign(540.0, 660.0)),
        ("in a minor", KeySign("A", Scale.MINOR)),
        ("F# major", KeySign("F#", Scale.MAJOR)),
        ("in the key of b-flat minor", KeySign("Bb", Scale.MINOR)),
        ("Bb minor", KeySign("Bb", Scale.MINOR)),
        ("in c sharp minor", KeySign("C#", Scale.MINOR)),
        ("the key of D", KeySign("D", None)),
        ("songs in a minor key", KeySign(None, Scale.MINOR)),
    ],
)
def test_numbers(text: str, sign: TempoSign | YearSign | LengthSign | KeySign) -> None:
    query = understood(text)
    assert [one for clause in query.clauses for one, _ in clause.meaning.signs] == [sign]  # type: ignore[union-attr]
    assert query.words == ()


@pytest.mark.parametrize(
    "text",
    ["60 minutes of music", "music for 20 minutes", "an hour of songs", "at least 2 hours of"],
)
def test_how_much_is_wanted_is_not_how_long_a_track_is(text: str) -> None:
    assert understood(text).is_empty


def test_a_major_hit_is_in_no_key() -> None:
    assert understood("a major hit").words == ("major", "hit")


def test_a_name_wins_over_words_only_where_it_says_more() -> None:
    sad, battle = Named(NameKind.TITLE, (1,)), Named(NameKind.TITLE, (2,))
    query = understood("sad battle of the titans", sad=sad, **{"battle of the titans": battle})
    assert [(clause.phrase, clause.topic) for clause in query.clauses] == [
        ("sad", Topic.MOOD),
        ("battle of the titans", NameKind.TITLE),
    ]


def test_after_by_and_like_a_name_is_meant() -> None:
    jazz = Named(NameKind.ARTIST, (1,))
    assert understood("jazz", jazz=jazz).clauses[0].topic is Topic.GENRE
    by, like = (understood(text, jazz=jazz).clauses[0] for text in ("by Jazz", "like Jazz"))
    assert (by.topic, by.alike) == (NameKind.ARTIST, False)
    assert (like.topic, like.alike) == (NameKind.ARTIST, True)


def test_names_with_signs_are_found_as_they_are_written() -> None:
    assert "ac/dc" in names_in(read("something by AC/DC please"))
    assert "sigur ros" in names_in(read("Sigur Rós"))


def test_small_words_are_no_names() -> None:
    assert understood("the music", **{"the music": Named(NameKind.ALBUM, (1,))}).is_empty


def test_what_means_nothing_is_looked_for_in_names() -> None:
    query = understood("play me zanzibar boulevard by xylofoo")
    assert query.words == ("zanzibar", "boulevard", "xylofoo")
    assert query.of_names == {"xylofoo"}


@pytest.mark.parametrize(
    ("form", "phrase"),
    [
        ("darker", "dark"),
        ("saddest", "sad"),
        ("happier", "happy"),
        ("quietly", "quiet"),
        ("jazzy", "jazz"),
        ("string quartets", "string quartet"),
        ("groovier", "groovy"),
    ],
)
def test_other_forms_of_a_word_mean_the_same(form: str, phrase: str) -> None:
    [clause] = understood(form).clauses
    assert clause.meaning == meaning_of(phrase)


def test_a_name_wins_over_another_form_of_a_word() -> None:
    stranger = Named(NameKind.TITLE, (1,))
    assert understood("stranger", stranger=stranger).clauses[0].topic is NameKind.TITLE


@pytest.mark.parametrize(
    ("text", "compared"),
    [
        ("like Ace but calmer", ["calmer"]),
        ("like Ace but more aggressive", ["aggressive"]),
        ("like Ace but less aggressive and dark", ["aggressive"]),
        ("like Ace but not as fast", ["fast"]),
        ("calmer than Ace", ["calmer"]),
        ("something less dark than Ace", ["dark"]),
        ("like Ace, calm", []),
        ("something calmer", []),
    ],
)
def test_a_comparison_needs_something_to_compare_with(text: str, compared: list[str]) -> None:
    query = understood(text, ace=Named(NameKind.TITLE, (1,)))
    assert [clause.phrase for clause in query.clauses if clause.compared] == compared


def test_less_of_a_thing_is_more_of_its_contrary() -> None:
    ace = Named(NameKind.TITLE, (1,))
    less = understood("like Ace but less aggressive", ace=ace).clauses[1]
    assert not less.denied
    assert less.meaning is not None
    assert less.meaning.signs[0] == (MoodSign("aggressive", low=True), 1.0)
    assert understood("like Ace but less metal", ace=ace).clauses[1].denied


@given(st.text(max_size=2_000))
@settings(max_examples=200, deadline=None)
def test_any_text_is_a_query(text: str) -> None:
    reading = read(text)
    names = names_in(reading)
    query = understand(text, reading, {name: Named(NameKind.TITLE, (1,)) for name in names}, _none)
    assert len(names) <= 8 * LONGEST_TEXT
    assert len(query.clauses) <= LONGEST_TEXT


def _none(_: str) -> None:
    return None


def test_no_text_asks_for_more_than_can_be_answered() -> None:
    many = "happy sad calm dark angry epic warm sexy fast slow jazz rock pop blues soul techno dub"
    assert len(understood(many).clauses) == MOST_CLAUSES
    assert len(understood("happy " * 50).clauses) == 1
    [clause] = understood("happy and joyful, so happy").clauses
    assert (clause.names, clause.also) == (("happy", "joyful"), ("joyful",))
    assert len(understood("happy, not joyful").clauses) == 2
    assert len(understood(" ".join(f"zzq{n}" for n in range(60))).words) == MOST_WORDS


def test_the_end_of_a_long_text_is_not_read() -> None:
    text = "." * (LONGEST_TEXT - 5) + " jazz, not rock and blues"
    assert asked(understood(text)) == ["jazz"]
