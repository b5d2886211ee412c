"""From what was asked for to a brief."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harmonie_daemon.api.beatoven.asking import DEFAULT, brief_of
from harmonie_daemon.api.beatoven.bodies import MOST_SECTIONS, SHORTEST_SECTION_MS, TrackRequest
from harmonie_daemon.api.beatoven.stem_names import by_stem
from harmonie_daemon.api.beatoven.titles import title_of
from harmonie_daemon.compose.blocked import first_blocked
from harmonie_daemon.compose.palettes import SEATS
from harmonie_daemon.domain.brief import (
    LONGEST_MS,
    SHORTEST_MS,
    Brief,
    BriefSection,
    Emotion,
    Genre,
    Stem,
    TempoWord,
)
from harmonie_daemon.domain.errors import BadRequestError


def asked(before: Brief | None = None, **members: Any) -> Brief:
    return brief_of(TrackRequest.model_validate(members), before)


def titled(brief: Brief) -> Brief:
    return replace(brief, title=title_of(brief))


def spans(brief: Brief) -> list[tuple[int, int]]:
    return [(section.start_ms, section.length_ms) for section in brief.sections]


def in_sections(emotion: str) -> list[dict[str, object]]:
    return [{"emotion": emotion, "start": 0, "length": 30_000}]


def test_what_is_left_out_has_a_default() -> None:
    assert asked() == titled(DEFAULT)
    assert asked(prompt="  ", title="", sections=[]) == titled(DEFAULT)


@given(
    st.lists(
        st.integers(SHORTEST_SECTION_MS, LONGEST_MS), min_size=1, max_size=MOST_SECTIONS
    ).filter(lambda lengths: SHORTEST_MS <= sum(lengths) <= LONGEST_MS),
    st.booleans(),
)
def test_sections_that_follow_one_another_are_taken_as_they_are(
    lengths: list[int], as_text: bool
) -> None:
    wanted, start = [], 0
    for length in lengths:
        wanted.append((start, length))
        start += length
    written = str if as_text else int
    sections = [
        {"emotion": "sad", "start": written(begin), "length": written(length)}
        for begin, length in wanted
    ]
    assert spans(asked(sections=sections)) == wanted
    assert spans(asked(sections=sections, duration_ms=written(start))) == wanted
    with pytest.raises(BadRequestError, match="sections"):
        asked(sections=sections, duration_ms=start + 1 if start < LONGEST_MS else start - 1)


@given(st.integers(SHORTEST_MS, LONGEST_MS), st.integers(1, 5))
def test_what_is_stretched_is_whole_to_the_millisecond(duration_ms: int, count: int) -> None:
    before = Brief(
        Genre.POP,
        TempoWord.MEDIUM,
        tuple(BriefSection(Emotion.CALM, 7001 * number, 7001) for number in range(count)),
    )
    brief = asked(before, duration_ms=duration_ms)
    assert brief.duration_ms == duration_ms
    ends = [start + length for start, length in spans(brief)]
    assert [start for start, _ in spans(brief)] == [0, *ends[:-1]]


def test_what_cannot_be_stretched_is_said_so() -> None:
    sections = tuple(BriefSection(Emotion.CALM, 1000 * number, 1000) for number in range(10))
    with pytest.raises(BadRequestError, match="too short for 10 sections"):
        asked(Brief(Genre.POP, TempoWord.MEDIUM, sections), duration_ms=5000)


@pytest.mark.parametrize("genre", Genre)
@pytest.mark.parametrize("emotion", Emotion)
def test_a_tempo_that_nobody_chose_gives_way_and_one_that_was_chosen_does_not(
    genre: Genre, emotion: Emotion
) -> None:
    members = {"genre": genre.value.upper(), "sections": in_sections(emotion.value.title())}
    brief = asked(**members)
    assert (brief.genre, brief.sections[0].emotion) == (genre, emotion)
    assert first_blocked(brief) is None
    for tempo in TempoWord:
        wanted = Brief(genre, tempo, brief.sections)
        if first_blocked(wanted) is None:
            assert asked(**members, tempo=tempo.value) == titled(wanted)
            continue
        for before, chosen in ((None, {"tempo": tempo.value}), (wanted, {})):
            with pytest.raises(BadRequestError, match=f"{genre} cannot be {emotion} .*{tempo}"):
                asked(before, **members, **chosen)


def test_a_prompt_with_parameters_is_never_refused_for_its_own_tempo() -> None:
    for prompt in ("slow", "medium tempo", "energetic indie rock"):
        brief = asked(prompt=prompt, genre="indie", sections=in_sections("energetic"))
        assert first_blocked(brief) is None


def test_a_tempo_in_words_wins_over_one_in_beats() -> None:
    before = Brief(Genre.POP, TempoWord.FAST, DEFAULT.sections, bpm=128.0)
    assert asked(before).bpm == 128.0
    assert asked(before, tempo="slow").bpm is None


@pytest.mark.parametrize("genre", Genre)
def test_four_instruments_have_four_names(genre: Genre) -> None:
    for seats in zip(*SEATS[genre], strict=False):
        named = by_stem(genre, [player.name for player in seats])
        assert list(named) == list(Stem)
        assert sorted(named.values()) == sorted(player.name for player in seats)
        usual = {player.name: player.stem for player in seats}
        own = [name for stem, name in named.items() if usual[name] is stem]
        assert len(own) >= 3, "only what is left over stands under another name"


def test_an_instrument_that_nobody_plays_has_no_name() -> None:
    assert by_stem(Genre.INDIAN, ["drone-tanpura", "melody-sarangi", "melody-sarod"]) == {
        Stem.CHORDS: "drone-tanpura",
        Stem.BASS: "melody-sarod",
        Stem.MELODY: "melody-sarangi",
    }
    assert by_stem(Genre.POP, ["keys-of-nobody", "bass-of-nobody", "unheard-of"]) == {
        Stem.CHORDS: "keys-of-nobody",
        Stem.BASS: "bass-of-nobody",
        Stem.MELODY: "unheard-of",
    }
    assert by_stem(Genre.POP, []) == {}


def test_a_title_says_what_it_feels_like() -> None:
    assert title_of(asked(genre="hiphop")) == "Calm hip hop"
    before = asked(genre="hiphop")
    assert asked(before, genre="pop").title == "Calm pop", "made up, so it follows"
    assert asked(replace(before, title="Mine"), genre="pop").title == "Mine"
    assert asked(before, title=" My  own ").title == "My own"
    turned = [*in_sections("calm"), {"emotion": "triumphant", "start": 30_000, "length": 9_000}]
    assert title_of(asked(genre="cinematic", sections=turned)) == "Calm to triumphant cinematic"
