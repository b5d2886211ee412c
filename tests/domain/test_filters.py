"""The filter grammar."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harmonie_daemon.domain.errors import FilterError
from harmonie_daemon.domain.filters import (
    Range,
    StyleMode,
    TrackFilter,
    filter_from_values,
    parse_label_part,
    parse_pitch_class,
    parse_range,
    parse_scale,
)
from harmonie_daemon.domain.track import Scale

numbers = st.floats(-1e6, 1e6, allow_nan=False).map(lambda x: float(f"{x:.4f}"))


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("120..130", 120, 130),
        ("120..", 120, None),
        ("..130", None, 130),
        ("128", 128, 128),
        ("-14.5..-8", -14.5, -8),
        ("..-8.25", None, -8.25),
        ("-12", -12, -12),
        (".5...75", 0.5, 0.75),
        (" 1e2 .. 2e2 ", 100, 200),
        ("+3..4", 3, 4),
    ],
)
def test_ranges_read_as_people_write_them(text: str, low: float, high: float) -> None:
    assert parse_range(text) == Range(low, high)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "..",
        "a..b",
        "120-130",
        "1..2..3",
        "130..120",
        "1 2",
        "nan",
        "inf..",
        "1...",
        "--1",
        "1e999..",
        "١٢٠..١٣٠",
        "１２０",
        "1_0",
        "1.5..2 .. ",
        " " * 201 + "1",
        "1" * 201,
    ],
)
def test_what_is_no_range_is_refused_with_the_name(text: str) -> None:
    with pytest.raises(FilterError):
        parse_range(text, "bpm")


@given(numbers, numbers)
def test_any_range_survives_being_written_and_read(a: float, b: float) -> None:
    low, high = sorted((a, b))
    assert parse_range(f"{low}..{high}") == Range(low, high)
    assert low in Range(low, high)
    assert high in Range(low, high)


@given(st.text(max_size=20))
def test_any_text_is_a_range_or_a_filter_error(text: str) -> None:
    try:
        parsed = parse_range(text)
    except FilterError:
        return
    assert parsed.low is not None or parsed.high is not None


@pytest.mark.parametrize("blank", [" ", "\t", "\n", "\u3000", "0", "1.", "e", "+", "."])
def test_a_range_is_read_without_looking_back(blank: str) -> None:
    """Where blanks could be split among several patterns, n of them took n⁴ steps."""
    for length in (50, 100, 200, 3_000):
        for text in (blank * length, f"1{blank * length}x", f"1..{blank * length}x"):
            start_s = time.process_time()
            with contextlib.suppress(FilterError):
                parse_range(text, "bpm")
            assert time.process_time() - start_s < 0.1, (blank, length)


@pytest.mark.parametrize("parse", [parse_pitch_class, parse_scale, parse_range])
def test_a_long_text_is_not_repeated(parse: Callable[[str], object]) -> None:
    for length in (150, 10_000):
        with pytest.raises(FilterError) as refused:
            parse("x" * length)
        assert len(str(refused.value)) < 200


def test_pitch_classes_have_one_spelling() -> None:
    spellings = {"c#": "C#", "Db": "C#", "a♯": "Bb", "EB": "Eb", "g#": "Ab", "b": "B", "fb": "E"}
    for given_, canonical in spellings.items():
        assert parse_pitch_class(given_) == canonical
    for wrong in ("H", "", "C##", "minor"):
        with pytest.raises(FilterError):
            parse_pitch_class(wrong)


def test_scales_and_labels() -> None:
    assert parse_scale(" Minor ") is Scale.MINOR
    assert parse_label_part(" Hard Techno ", "style") == "Hard Techno"
    with pytest.raises(FilterError):
        parse_scale("dorian")
    with pytest.raises(FilterError, match="separately"):
        parse_label_part("Electronic---House", "style")


def test_a_table_of_values_becomes_a_filter() -> None:
    values = {
        "bpm": {"gte": 120, "lte": 130},
        "loudness": "..-8",
        "danceability": 1.5,
        "happy": "0.6..",
        "key": ["A", "b"],
        "scale": "minor",
        "genre": "Rock",
        "style": ["House"],
        "style_min": 0.5,
        "style_mode": "all",
    }
    assert filter_from_values(values) == TrackFilter(
        ranges={
            "bpm": Range(120, 130),
            "loudness": Range(None, -8),
            "danceability": Range(1.5, 1.5),
            "happy": Range(0.6, None),
        },
        keys=("A", "B"),
        scale=Scale.MINOR,
        genres=("Rock",),
        styles=("House",),
        style_min=0.5,
        style_mode=StyleMode.ALL,
    )


@pytest.mark.parametrize(
    ("values", "word"),
    [
        ({"tempo": 3}, "'tempo' is not a filter"),
        ({"bpm": {"from": 3}}, "bpm="),
        ({"bpm": {}}, "bpm="),
        ({"bpm": True}, "bpm="),
        ({"bpm": {"gte": "fast"}}, "bpm.gte"),
        ({"key": 3}, "key=3"),
        ({"style_min": 2}, "style_min=2"),
        ({"style_min": "x"}, "style_min='x'"),
        ({"style_min": "٠"}, "style_min="),
        ({"style_min": 10**5000}, "style_min="),
        ({"bpm": 10**400}, "finite"),
        ({"loudness": {"gte": -(10**400)}}, "finite"),
        ({"genre": ["x"] * 501}, "at most 500"),
        ({"genre": "x" * 201}, "at most 200"),
        ({"style": ["x" * 201]}, "at most 200"),
        ({"style_mode": "some"}, "any or all"),
    ],
)
def test_a_wrong_member_is_named(values: dict[str, object], word: str) -> None:
    with pytest.raises(FilterError, match=word.replace("[", r"\[")):
        filter_from_values(values)


def test_only_a_filter_that_gates_something_is_not_open() -> None:
    assert TrackFilter(style_min=0.5).is_open
    assert not TrackFilter(ranges={"bpm": Range(0, None)}).is_open
