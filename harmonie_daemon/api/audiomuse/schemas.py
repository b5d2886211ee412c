"""What is asked of this family. Members nobody knows are ignored; ``null`` is left out."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema

from harmonie_daemon.config.groups import MOST_ALBUMS
from harmonie_daemon.domain.clustering import BOUNDS, ClusterMethod
from harmonie_daemon.domain.mood import MOOD_LABELS
from harmonie_daemon.web.validation import WHOLE_JSON

_Text = Annotated[str, Field(max_length=2000)]
_Hidden = Annotated[Any, WithJsonSchema({"type": "string"})]
"""Checked by hand, for what is wrong with it must not be repeated."""


def _parameter(name: str, **more: Any) -> Any:
    """A number with the bounds that it has for whoever clusters."""
    bounds = BOUNDS[name]
    return Field(default=None, ge=bounds.low, le=bounds.high, allow_inf_nan=False, **more)


_Whole = Annotated[int, WHOLE_JSON]
_Ratio = float


class TaskPath(BaseModel):
    """Which task."""

    task_id: str = Field(description="The id that starting it gave.")


class PrefixPath(BaseModel):
    """Which kinds of main tasks."""

    task_type_prefix: str = Field(
        description="`main_analysis`, `main_clustering`, or what they begin with: `main` is both."
    )


class AnalysisBody(BaseModel):
    """Whose albums, and how many. Everything has a default."""

    model_config = ConfigDict(strict=True)

    jellyfin_url: _Text | None = Field(
        default=None, description="Another server than the configured one needs its own token."
    )
    jellyfin_user_id: _Text | None = Field(default=None, description="An id or a name.")
    jellyfin_token: _Hidden = Field(
        default=None, description="Used for this analysis and never kept."
    )
    num_recent_albums: _Whole | None = Field(
        default=None, ge=0, le=MOST_ALBUMS, description="How many of the newest albums; 0 for all."
    )
    top_n_moods: _Whole | None = Field(
        default=None,
        ge=0,
        le=len(MOOD_LABELS),
        description="How many of the 17 moods are named for each track.",
    )


class ClusteringBody(BaseModel):
    """By which method, and from which ranges. Everything has a default."""

    model_config = ConfigDict(strict=True)

    clustering_method: ClusterMethod | None = Field(
        default=None, description="`auto` tries all three."
    )
    num_clusters_min: _Whole | None = _parameter("num_clusters_min")
    num_clusters_max: _Whole | None = _parameter("num_clusters_max")
    dbscan_eps_min: _Ratio | None = _parameter("dbscan_eps_min")
    dbscan_eps_max: _Ratio | None = _parameter("dbscan_eps_max")
    dbscan_min_samples_min: _Whole | None = _parameter("dbscan_min_samples_min")
    dbscan_min_samples_max: _Whole | None = _parameter("dbscan_min_samples_max")
    gmm_n_components_min: _Whole | None = _parameter("gmm_n_components_min")
    gmm_n_components_max: _Whole | None = _parameter("gmm_n_components_max")
    pca_components_min: _Whole | None = _parameter(
        "pca_components_min", description="Both 0: as many as hold 90 % of the variance."
    )
    pca_components_max: _Whole | None = _parameter("pca_components_max")
    clustering_runs: _Whole | None = _parameter("runs")
    max_songs_per_cluster: _Whole | None = _parameter("max_songs_per_cluster")
