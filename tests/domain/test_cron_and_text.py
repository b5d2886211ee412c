"""Cron's weekdays, and names compared as people do."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from harmonie_daemon.domain.cron import name_weekdays
from harmonie_daemon.domain.text import folded_key, text_key
from harmonie_daemon.tasks.schedule import cron_trigger


@pytest.mark.parametrize(
    ("expression", "weekdays"),
    [
        ("0 4 * * 0", {6}),
        ("0 4 * * 7", {6}),
        ("0 4 * * 1", {0}),
        ("0 4 * * 1-5", {0, 1, 2, 3, 4}),
        ("0 4 * * 5-7", {4, 5, 6}),
        ("0 4 * * 0-6", {0, 1, 2, 3, 4, 5, 6}),
        ("0 4 * * 1,3,0", {0, 2, 6}),
        ("0 4 * * 1-5/2", {0, 2, 4}),
        ("0 4 * * mon,sun", {0, 6}),
        ("0 4 * * *", {0, 1, 2, 3, 4, 5, 6}),
    ],
)
def test_weekdays_count_as_in_cron(expression: str, weekdays: set[int]) -> None:
    trigger = cron_trigger(expression)
    now = datetime(2026, 1, 1, tzinfo=UTC)
    fired, fires = None, set()
    for _ in range(14):
        fired = trigger.get_next_fire_time(fired, now)
        assert fired is not None
        fires.add(fired.weekday())
        now = fired.replace(microsecond=1)
    assert fires == weekdays


@pytest.mark.parametrize("expression", ["", "0 4 * *", "0 4 * * 8", "0 4 * * 5-1", "x 4 * * *"])
def test_what_is_no_schedule_is_refused(expression: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        cron_trigger(expression)


def test_a_weekday_may_stand_in_a_list_with_names() -> None:
    assert name_weekdays("* * * * mon,3") == "* * * * mon,wed"


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("Björk", "bjork"),
        ("Motörhead", "MOTORHEAD"),
        ("Don’t", "don't"),
        ("Don´t", "don`t"),
        ("Sigur Rós – Sæglópur", "sigur ros - saeglopur"),
        ("MØ", "mo"),
        ("Łona", "lona"),
        ("Ёлка", "елка"),
        ("„Café“", '"cafe"'),
    ],
)
def test_the_folded_key_is_what_a_plain_keyboard_types(name: str, typed: str) -> None:
    assert folded_key(name) == folded_key(typed) != text_key(name)


def test_marks_that_tell_words_apart_are_not_folded() -> None:
    assert folded_key("バス") != folded_key("ハス")
    assert folded_key("हिन्दी") == text_key("हिन्दी")
    assert folded_key("한국") == text_key("한국")
    assert folded_key("\u0301") is folded_key(" ") is folded_key(None) is None


def test_names_are_equal_however_they_were_typed() -> None:
    assert text_key("Björk") == text_key(" BJÖRK ") == text_key("Bjo\u0308rk")
    assert text_key("STRASSE") == text_key("Straße")
    assert text_key("ΣΑΚΗΣ") == text_key("σακης")
    assert text_key("  ") is text_key(None) is None
