"""What holds of every playlist that is chosen of groups."""

from __future__ import annotations

from collections import Counter

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from harmonie_daemon.domain.clustering import ClusterRequest
from harmonie_daemon.playlists.clusters.facts import Facts, Sets, first_of_each_song
from harmonie_daemon.playlists.clusters.selection import SHORTEST, chosen
from tests.playlists.clusters.made import make_facts, make_points

KINDS = np.arange(80) % 4


def by(artist: int) -> tuple[int, ...]:
    return (int(artist),)


@given(
    labels=st.lists(st.integers(-1, 6), min_size=1, max_size=60),
    artists=st.lists(st.lists(st.integers(0, 9), max_size=3), min_size=60, max_size=60),
    songs=st.integers(1, 40),
    per_artist=st.integers(1, 4),
    distance=st.floats(0.01, 1),
)
@settings(max_examples=150, deadline=None)
def test_caps_hold_no_track_comes_twice_and_there_is_always_a_playlist(
    labels: list[int], artists: list[list[int]], songs: int, per_artist: int, distance: float
) -> None:
    count = len(labels)
    facts = make_facts(count, artists=[tuple(set(own)) for own in artists[:count]])
    request = ClusterRequest(
        max_songs_per_cluster=songs, max_songs_per_artist=per_artist, max_distance=distance
    )
    found = chosen(make_points(count, spread=0.6), np.array(labels), facts, request)
    assert found
    every = [row for one in found for row in one.rows.tolist()]
    assert len(set(every)) == len(every)
    for one in found:
        assert 1 <= len(one.rows) <= songs
        assert len(one.rows) >= min(SHORTEST, songs) or len(found) == 1
        assert set(one.rows.tolist()) <= set(one.group.tolist())
        times = Counter(artist for row in one.rows for artist in facts.artists.of(int(row)))
        assert max(times.values(), default=0) <= per_artist


def test_short_ones_of_a_kind_are_merged_and_the_cap_is_not_relaxed() -> None:
    points = make_points(80)
    artists: list[tuple[int, ...]] = [
        (kind,) if kind < 2 else (row + 10,) for row, kind in enumerate(KINDS.tolist())
    ]
    found = chosen(points, KINDS, make_facts(80, artists=artists), ClusterRequest())
    sizes = Counter(len(one.rows) for one in found)
    assert len(found) == 3
    assert sizes[6] == 1  # three of each of two artists, together


def test_what_stays_short_is_dropped_where_there_are_others() -> None:
    artists: list[tuple[int, ...]] = [
        (0,) if kind == 0 else (row + 10,) for row, kind in enumerate(KINDS.tolist())
    ]
    found = chosen(make_points(80), KINDS, make_facts(80, artists=artists), ClusterRequest())
    assert len(found) == 3
    assert all(0 not in KINDS[one.rows] for one in found)


def test_far_tracks_stay_out() -> None:
    points = make_points(40, kinds=1, spread=0.1)
    points[7] = -points[7]
    (one,) = chosen(
        points, np.zeros(40, np.intp), make_facts(40), ClusterRequest(max_songs_per_cluster=40)
    )
    cosines = points @ one.direction
    reach = np.percentile(1 - cosines, 95)
    assert 7 not in one.rows
    assert (1 - cosines[one.rows]).max() <= 0.5 * reach + 1e-6
    assert len(one.rows) < 40


def test_a_list_is_varied_and_not_the_same_twenty_times() -> None:
    around = make_points(100, kinds=1, spread=0.15)
    alike = make_points(30, kinds=1, spread=0.02, seed=1) + 0.25 * np.eye(8, dtype=np.float32)[1]
    points = np.concatenate((alike / np.linalg.norm(alike, axis=1, keepdims=True), around))
    request = ClusterRequest(max_distance=1)
    (one,) = chosen(points, np.zeros(130, np.intp), make_facts(130), request)
    nearest = np.argsort(-(points @ one.direction))[:20]
    alike_in = [int(np.count_nonzero(rows < 30)) for rows in (one.rows, nearest)]
    assert alike_in[0] <= alike_in[1] - 3


def test_one_recording_under_two_names_is_taken_once() -> None:
    points = make_points(30, kinds=1)
    points[1] = points[0]
    facts = make_facts(30)
    facts.durations_s[1] = facts.durations_s[0] + 1
    request = ClusterRequest(max_songs_per_cluster=30, max_distance=1)
    (one,) = chosen(points, np.zeros(30, np.intp), facts, request)
    assert len({0, 1} & set(one.rows.tolist())) == 1


def test_a_song_by_artists_in_common_is_one_song() -> None:
    songs = Sets.made([(1,), (2, 1), (), (), (3,), (2,)])
    assert first_of_each_song(songs).tolist() == [0, 2, 3, 4]


def test_facts_come_back_from_their_files(tmp_path: object) -> None:
    facts = make_facts(5, artists=[(1, 2), (), (3,), (1,), ()])
    facts.save(tmp_path)  # type: ignore[arg-type]
    read = Facts.read(tmp_path)  # type: ignore[arg-type]
    taken = read.taken(np.array([3, 0, 1]))
    assert [taken.artists.of(row) for row in range(3)] == [[1], [1, 2], []]
    assert np.array_equal(taken.moods, facts.moods[[3, 0, 1]])
