"""The space that tracks are grouped in."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from harmonie_daemon.playlists.clusters.facts import VECTORS, Floats
from harmonie_daemon.playlists.clusters.sound_space import (
    FEWEST_AXES,
    MOST_AXES,
    SoundSpace,
    prepare,
)


def prepared(folder: Path, vectors: Floats, components: int = 0) -> SoundSpace:
    np.save(folder / VECTORS, vectors)
    space = prepare(folder, np.arange(len(vectors)), components)
    read = SoundSpace.read(folder)
    assert np.array_equal(read.turned, space.turned)
    assert read.usual == space.usual
    return read


def made(count: int, dim: int, telling: int) -> Floats:
    """float32[count, dim] that vary along so many directions, far from the origin."""
    rng = np.random.default_rng(0)
    kinds = rng.standard_normal((count, telling)) @ rng.standard_normal((telling, dim))
    return (kinds + 0.01 * rng.standard_normal((count, dim)) + 30.0).astype(np.float32)


@pytest.mark.parametrize(
    ("telling", "least", "most"),
    [(3, FEWEST_AXES, FEWEST_AXES), (60, 30, 60), (300, MOST_AXES, MOST_AXES)],
)
def test_nine_tenths_of_the_variance_within_bounds(
    tmp_path: Path, telling: int, least: int, most: int
) -> None:
    space = prepared(tmp_path, made(5_000, 300, telling))
    assert least <= space.usual <= most
    assert space.points().shape == (5_000, space.usual)


def test_what_is_asked_for_is_kept_as_far_as_there_is_any(tmp_path: Path) -> None:
    space = prepared(tmp_path, made(300, 40, 3), components=500)
    assert space.points(2).shape == (300, 2)
    assert space.points(500, np.array([5, 1])).shape == (2, 40)
    assert space.kept(0) == FEWEST_AXES


def test_points_have_length_one_and_lie_around_the_middle(tmp_path: Path) -> None:
    vectors = made(400, 20, 20)
    vectors[0] = vectors[1:].mean(axis=0)
    points = prepared(tmp_path, vectors).points()
    assert np.linalg.norm(points[1:], axis=1) == pytest.approx(1.0, abs=1e-5)
    assert np.abs(points.mean(axis=0)).max() < 0.2


def test_all_the_same_is_no_division_by_nothing(tmp_path: Path) -> None:
    points = prepared(tmp_path, np.ones((30, 8), np.float32)).points()
    assert np.isfinite(points).all()
