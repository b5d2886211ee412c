"""What is on repeat, and what was loved and is forgotten."""

from __future__ import annotations

from harmonie_daemon.domain.track import TrackId
from harmonie_daemon.playlists.on_repeat import forgotten, in_turn, on_repeat
from harmonie_daemon.playlists.taste import Signal
from tests.playlists.test_taste import NOW, heard

NO_LIST: list[TrackId] = []


def numbers(*ids: int) -> list[TrackId]:
    return [TrackId(one) for one in ids]


FIVE = [heard(number, plays=3, days_ago=number) for number in range(1, 6)]


def test_it_begins_with_five_tracks_the_longest_unplayed_first() -> None:
    assert on_repeat(FIVE, (), now=NOW, cap=30) == (5, 4, 3, 2, 1)
    assert on_repeat(FIVE[:4], (), now=NOW, cap=30) == ()


def test_three_counted_plays_of_the_last_45_days_count() -> None:
    others = [heard(6, plays=2), heard(7, plays=99, days_ago=46), heard(8, skips=9)]
    assert on_repeat([*FIVE, *others], (), now=NOW, cap=30) == (5, 4, 3, 2, 1)
    edge = heard(9, plays=3, days_ago=45)
    assert on_repeat([*FIVE, edge], (), now=NOW, cap=30)[0] == 9


def test_what_was_on_the_list_stays_while_there_is_room() -> None:
    carried = [heard(6, plays=1, days_ago=20), heard(7, plays=9, days_ago=60)]
    gone = heard(8, plays=9, days_ago=91)
    former = numbers(1, 6, 7, 8)
    assert on_repeat([*FIVE, *carried, gone], former, now=NOW, cap=30) == (7, 6, 5, 4, 3, 2, 1)
    assert on_repeat([*FIVE, *carried, gone], former, now=NOW, cap=6) == (6, 5, 4, 3, 2, 1)
    assert on_repeat([*FIVE, *carried], former, now=NOW, cap=4) == (4, 3, 2, 1)


def test_a_list_that_was_begun_may_become_short_and_end() -> None:
    assert on_repeat(FIVE[:2], numbers(1, 2, 3), now=NOW, cap=30) == (2, 1)
    assert on_repeat([], numbers(1), now=NOW, cap=30) == ()


def test_what_may_not_be_in_it_is_not() -> None:
    assert on_repeat(FIVE, numbers(1), now=NOW, cap=30, never=numbers(3)) == (5, 4, 2, 1)


def test_favourites_and_what_was_heard_often_are_forgotten_after_90_days() -> None:
    listening = [
        heard(1, plays=9, days_ago=100),
        heard(2, plays=5, days_ago=89),
        heard(3, plays=4, days_ago=100),
        heard(4, plays=5, skips=5, days_ago=100),
        heard(5, plays=1, days_ago=200),
        heard(6, plays=0, days_ago=0),
        heard(7, plays=5, days_ago=100),
    ]
    found = forgotten(listening, numbers(5, 6, 8), {}, now=NOW)
    assert [one.track_id for one in found] == [5, 1, 7, 8]


def test_what_is_in_playlists_is_a_dearer_favourite_but_none_because_of_that() -> None:
    listening = [heard(1, plays=9, days_ago=100), heard(3, plays=4, days_ago=100)]
    own = dict.fromkeys(numbers(3, 4, 8), 3)
    found = forgotten(listening, numbers(7, 8), own, now=NOW)
    assert [one.track_id for one in found] == [8, 1, 7]


def test_every_one_is_offered_in_turn() -> None:
    ranked = [Signal(TrackId(number), 50.0 - number) for number in range(7)]
    seen = [tuple(one.track_id for one in in_turn(ranked, turn, 3)) for turn in range(4)]
    assert seen[0] == (0, 1, 2)
    assert seen[1] == (3, 4, 5)
    assert {one for part in seen for one in part} == set(range(7))
    assert len(in_turn(ranked, 12345, 10)) == 7
    assert in_turn([], 3, 5) == []
