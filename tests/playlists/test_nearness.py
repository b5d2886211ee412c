"""What is near to each other in an area, and what only lies in the same direction."""

from __future__ import annotations

import numpy as np
import pytest

from harmonie_daemon.playlists.nearness import close_company, near_cosine
from harmonie_daemon.playlists.neighbourhoods import area_lists
from harmonie_daemon.similarity.index import Floats
from tests.playlists.factories import make_facets, make_space, unit_rows


def around(centre: Floats, count: int, spread: float, seed: int) -> Floats:
    rows = centre + spread * np.random.default_rng(seed).standard_normal((count, len(centre)))
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


def test_near_is_part_of_the_way_from_any_two_tracks_to_the_same_one() -> None:
    apart = make_space([make_facets(number) for number in range(1, 401)], unit_rows(400, 64))
    assert near_cosine(apart) == pytest.approx(0.4, abs=0.1)
    alike = around(np.eye(64, dtype=np.float32)[0], 400, 0.05, 0)
    close = make_space([make_facets(number) for number in range(1, 401)], alike)
    usual = float(np.mean(alike @ alike.T))
    assert near_cosine(close) == pytest.approx(usual + 0.4 * (1 - usual), abs=0.02)


def test_company_leaves_out_what_is_near_to_some_of_it_only() -> None:
    """As wind is not quite unlike distorted guitars, in an area of both."""
    axes = np.eye(16, dtype=np.float32)
    metal = around(axes[0], 12, 0.08, 1)
    wind = around((axes[0] + 2.5 * axes[1]) / 3, 4, 0.03, 2)
    others = unit_rows(60, 16, seed=3)
    space = make_space(
        [make_facets(number) for number in range(1, 77)], np.vstack((metal, wind, others))
    )
    found = close_company(space, np.arange(1, 17), near_cosine(space), 40)
    assert found.tolist() == list(range(1, 13))
    assert len(close_company(space, np.arange(1, 17), near_cosine(space), 5)) == 5


def test_an_area_of_nothing_near_makes_no_list_beside_one_that_is() -> None:
    axes = np.eye(32, dtype=np.float32)
    choir = around(axes[0], 40, 0.05, 1)
    strays = around(axes[1] - axes[0], 40, 0.4, 2)
    facets = [make_facets(number, album=f"album {number // 4}") for number in range(80)]
    space = make_space(facets, np.vstack((choir, strays)))
    lists = area_lists(space, space.index.ids, 20, 40)
    assert [set(one) <= set(range(40)) for one in lists] == [True]


def test_a_small_library_of_strangers_still_has_one_list() -> None:
    space = make_space([make_facets(number) for number in range(9)], unit_rows(9, 64, clusters=9))
    assert [len(one) for one in area_lists(space, space.index.ids, 20, 40)] == [9]
    assert area_lists(space, np.zeros(0, np.int64), 20, 40) == []
