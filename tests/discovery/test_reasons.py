"""The reasons of an answer name what is so."""

from __future__ import annotations

import re

import pytest

from harmonie_daemon.analysis.mood_cues import USUAL
from harmonie_daemon.discovery.reasons import LEAST_ASIDE, has_phrase
from harmonie_daemon.domain.track import Scale, StyleScore, Tags
from tests.discovery.shelf_of_music import MusicShelf

HOUSE = StyleScore("Electronic", "House", 1.0)
FEATURES = {name: usual.centre for name, usual in USUAL.items()}


@pytest.mark.parametrize(
    ("name", "phrase", "has"),
    [
        ("Wind_Leaves", "d", False),
        ("Wind_Leaves", "wind", True),
        ("Victory Marches", "march", True),
        ("Endless", "end", False),
        ("The King is Dead", "king is", True),
        ("Breaking", "king", False),
        ("Motörhead", "motorhead", True),
        (None, "king", False),
    ],
)
def test_a_phrase_stands_in_a_name_where_its_words_begin(
    name: str | None, phrase: str, has: bool
) -> None:
    assert has_phrase(name, phrase) is has


async def reasons_of(shelf: MusicShelf, text: str) -> dict[str, tuple[str, ...]]:
    found = await shelf.discovery.discover(text, limit=10)
    return {hit.name: hit.reasons for hit in found.hits}


async def test_a_letter_within_a_word_is_no_reason(shelf: MusicShelf) -> None:
    tags = Tags(title="Wind", artist="Ann", album="Side D")
    await shelf.add("a.flac", tags=tags)
    assert await reasons_of(shelf, "zz d") == {"Wind": ("album Side D",)}


async def test_what_only_sounds_like_what_has_the_words_says_so(shelf: MusicShelf) -> None:
    for number in range(12):
        await shelf.add(f"{number}.flac", sound=1 + number % 3)
    await shelf.add("named.flac", sound=0, tags=Tags(title="Zanzibar Nights", artist="Ann"))
    await shelf.add("alike.flac", sound=0, tags=Tags(title="Another", artist="Bob"))
    found = await reasons_of(shelf, "zanzibar")
    assert found["Zanzibar Nights"] == ("title Zanzibar Nights",)
    assert found["Another"] == ("sounds like what is called zanzibar (0.40)",)


async def test_words_in_genres_and_file_names_are_named(shelf: MusicShelf) -> None:
    await shelf.add("zanzibar/01.flac")
    await shelf.add("b.flac", tags=Tags(title="B", artist="Bob", genres=("Zanzibar Folk",)))
    found = await reasons_of(shelf, "zanzibar")
    assert found == {"01.flac": ("file zanzibar/01.flac",), "B": ("genre Zanzibar Folk",)}


async def test_a_refused_mood_is_a_reason_where_there_is_little_of_it(shelf: MusicShelf) -> None:
    loud = {name: usual.centre + 3 * usual.spread for name, usual in USUAL.items()}
    await shelf.add("usual.flac", features=FEATURES)
    await shelf.add("loud.flac", features=loud)
    found = await reasons_of(shelf, "not energetic")
    assert [reason.split(" (")[0] for reason in found["usual.flac"]][:1] == ["little energetic"]
    assert found.get("loud.flac", ()) == ()


async def test_hardly_sounding_like_a_genre_is_no_reason(shelf: MusicShelf) -> None:
    """``battle`` is also epic: such a track answers, but not for its sound."""
    for number in range(-4, 7):
        features = {name: usual.centre + number * usual.spread for name, usual in USUAL.items()}
        await shelf.add(f"{number:+}.flac", features=features)
    found = await shelf.discovery.discover("battle", limit=11)
    shares = [
        float(re.findall(r"\((0\.\d+)\)", reason)[0])
        for hit in found.hits
        for reason in hit.reasons
        if reason.startswith("has the mood of")
    ]
    assert shares
    assert all(share >= LEAST_ASIDE for share in shares)


async def test_a_measure_outside_of_what_was_asked_for_is_no_reason(shelf: MusicShelf) -> None:
    """Such tracks may answer, if less well."""
    await shelf.add(
        "a.flac",
        tags=Tags(date="2003"),
        styles=[HOUSE],
        duration_s=194.0,
        bpm=202.0,
        bpm_confidence=3.0,
        key="C",
        scale=Scale.MAJOR,
    )
    for text, reasons in (
        ("house under 190 seconds", ("style House",)),
        ("house over 190 seconds", ("style House", "3:14 long")),
        ("house at 101 bpm", ("style House", "202 BPM, half of it 101")),
        ("house under 190 bpm", ("style House",)),
        ("house over 190 bpm", ("style House", "202 BPM")),
        ("house in a minor", ("style House",)),
        ("house in c major", ("style House", "in C major")),
        ("house from the 90s", ("style House",)),
        ("house from the 2000s", ("style House", "from 2003")),
    ):
        assert await reasons_of(shelf, text) == {"a.flac": reasons}, text


async def test_who_is_refused_takes_along_nobody_who_sounds_like_it(shelf: MusicShelf) -> None:
    for number in range(8):
        await shelf.add(f"far{number}.flac", sound=1 + number % 3, tags=Tags(artist="Enya"))
    await shelf.add("own.flac", sound=0, tags=Tags(artist="Motörhead", title="Princess"))
    await shelf.add("theirs.flac", sound=0, tags=Tags(artist="Motörhead", title="Ace"))
    await shelf.add("alike.flac", sound=0, tags=Tags(artist="Saxon", title="Queen"))
    found = await shelf.discovery.discover("like Princess but not by Motörhead", limit=10)
    assert found.hits[0].name == "Queen"
    assert found.hits[0].relevance > 0.9
    assert "Ace" not in [hit.name for hit in found.hits]
