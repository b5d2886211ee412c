"""What a clustering may be asked for: one table of bounds for every door."""

from __future__ import annotations

import math
from dataclasses import fields

import pytest

from harmonie_daemon.domain.clustering import BOUNDS, ClusterMethod, ClusterRequest
from harmonie_daemon.domain.errors import ParameterError


def test_every_parameter_has_bounds_and_a_default_within_them() -> None:
    names = {field.name for field in fields(ClusterRequest)} - {"method"}
    assert names == BOUNDS.keys()
    assert ClusterRequest().method is ClusterMethod.KMEANS


@pytest.mark.parametrize("name", BOUNDS)
@pytest.mark.parametrize(
    "value",
    [
        "5",
        None,
        True,
        math.nan,
        math.inf,
        -1,
        10**10,
        pytest.param(10**5000, id="huge"),
        ["x" * 999],
    ],
)
def test_what_is_no_number_within_the_bounds_is_refused_by_name(name: str, value: object) -> None:
    with pytest.raises(ParameterError, match=f"^{name}=.*: must be a ") as caught:
        ClusterRequest(**{name: value})  # type: ignore[arg-type]
    assert (caught.value.name, caught.value.allowed) == (name, str(BOUNDS[name]))
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize("method", ["spectral", "KMEANS", "", None, 3, ["kmeans"]])
def test_an_unknown_method_is_refused(method: object) -> None:
    with pytest.raises(ParameterError, match="must be kmeans or dbscan or gmm or auto"):
        ClusterRequest(method=method)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("low", "high"),
    [
        ({"num_clusters_min": 11}, "num_clusters_max, which is 10"),
        ({"dbscan_eps_max": 0.05}, "dbscan_eps_max, which is 0.05"),
        ({"dbscan_min_samples_min": 9}, "dbscan_min_samples_max, which is 5"),
        ({"gmm_n_components_max": 2}, "gmm_n_components_max, which is 2"),
        ({"pca_components_min": 3}, "pca_components_max, which is 0"),
    ],
)
def test_a_range_that_ends_before_it_begins_is_refused(low: dict[str, int], high: str) -> None:
    with pytest.raises(ParameterError, match=high):
        ClusterRequest(**low)  # type: ignore[arg-type]


def test_a_whole_number_written_as_a_fraction_is_the_same_request() -> None:
    assert ClusterRequest(runs=8.0, dbscan_eps_max=1) == ClusterRequest(runs=8, dbscan_eps_max=1.0)  # type: ignore[arg-type]
    assert isinstance(ClusterRequest(runs=8.0).runs, int)  # type: ignore[arg-type]
