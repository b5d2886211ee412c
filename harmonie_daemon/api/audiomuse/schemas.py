"""What is asked of this family. Members nobody knows are ignored; ``null`` is left out."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema

from harmonie_daemon.config.groups import MOST_ALBUMS
from harmonie_daemon.domain.clustering import BOUNDS, ClusterMethod
from harmonie_daemon.domain.mood import MOOD_LABELS
from harmonie_daemon.web.validation import WHOLE_JSON

_Text = Annotated[str, Field(max_length=2000)]
_Hidden = Annotated[Any, WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "null"}]})]
"""Checked by hand, for what is wrong with it must not be repeated."""


def _within(name: str) -> Any:
    """The bounds that a parameter has for whoever clusters."""
    bounds = BOUNDS[name]
    return Field(ge=bounds.low, le=bounds.high, allow_inf_nan=False)


_Albums = Annotated[int, Field(ge=0, le=MOST_ALBUMS), WHOLE_JSON]
_Moods = Annotated[int, Field(ge=0, le=len(MOOD_LABELS)), WHOLE_JSON]
_Clusters = Annotated[int, _within("num_clusters_min"), WHOLE_JSON]
_Epsilon = Annotated[float, _within("dbscan_eps_min")]
_Samples = Annotated[int, _within("dbscan_min_samples_min"), WHOLE_JSON]
_Components = Annotated[int, _within("pca_components_min"), WHOLE_JSON]
_Runs = Annotated[int, _within("runs"), WHOLE_JSON]
_Songs = Annotated[int, _within("max_songs_per_cluster"), WHOLE_JSON]


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
    num_recent_albums: _Albums | None = Field(
        default=None, description="How many of the newest albums; 0 for all."
    )
    top_n_moods: _Moods | None = Field(
        default=None, description="How many of the 17 moods are named for each track."
    )


class ClusteringBody(BaseModel):
    """By which method, and from which ranges. Everything has a default."""

    model_config = ConfigDict(strict=True)

    clustering_method: ClusterMethod | None = Field(
        default=None, description="`auto` tries all three."
    )
    num_clusters_min: _Clusters | None = None
    num_clusters_max: _Clusters | None = None
    dbscan_eps_min: _Epsilon | None = None
    dbscan_eps_max: _Epsilon | None = None
    dbscan_min_samples_min: _Samples | None = None
    dbscan_min_samples_max: _Samples | None = None
    gmm_n_components_min: _Clusters | None = None
    gmm_n_components_max: _Clusters | None = None
    pca_components_min: _Components | None = None
    pca_components_max: _Components | None = Field(
        default=None, description="Where both are 0, as many as hold 90 % of the variance."
    )
    clustering_runs: _Runs | None = None
    max_songs_per_cluster: _Songs | None = None
