"""What this family answers, member by member as the document has it."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field

State = Literal["QUEUED", "STARTED", "PROGRESS", "SUCCESS", "FAILURE", "REVOKED", "UNKNOWN"]
Percent = int


class Configuration(BaseModel):
    """What is asked for where a request does not say."""

    jellyfin_url: str
    jellyfin_user_id: str = Field(description="The id where it is known, else as configured.")
    jellyfin_token: str = Field(description="A mask: `********`, or empty if there is none.")
    num_recent_albums: int
    max_distance: float
    max_songs_per_cluster: int
    max_songs_per_artist: int
    cluster_algorithm: str
    num_clusters_min: int
    num_clusters_max: int
    dbscan_eps_min: float
    dbscan_eps_max: float
    dbscan_min_samples_min: int
    dbscan_min_samples_max: int
    gmm_n_components_min: int
    gmm_n_components_max: int
    pca_components_min: int
    pca_components_max: int
    top_n_moods: int
    mood_labels: list[str]
    clustering_runs: int


class TaskQueued(BaseModel):
    """A task that was asked for."""

    task_id: str
    task_type: str
    status: Literal["queued"] = "queued"


class TaskStatus(BaseModel):
    """One task, main or part, as it stands."""

    task_id: str
    state: State
    status_message: str
    progress: Percent = Field(description="0 to 100; 100 for whatever has ended.")
    details: dict[str, Any]
    task_type_from_db: str | None


class CancelledTask(BaseModel):
    """What cancelling a task did."""

    message: str
    task_id: str
    cancelled_jobs_count: int


class NotCancelled(BaseModel):
    """Why a task was not cancelled."""

    message: str
    task_id: str


class CancelledTasks(BaseModel):
    """What cancelling all tasks of a type did."""

    message: str
    cancelled_main_tasks: list[str]


class NoneToCancel(BaseModel):
    """No task of the type is on."""

    message: str


class LastTask(BaseModel):
    """The main task that was started last."""

    task_id: str
    task_type: str
    status: State
    progress: Percent
    details: dict[str, Any]


class NoLastTask(BaseModel):
    """There has never been one."""

    task_id: None = None
    task_type: None = None
    status: Literal["NO_PREVIOUS_MAIN_TASK"] = "NO_PREVIOUS_MAIN_TASK"
    details: dict[str, Any] = {"log": ["No previous main task found."]}


class ActiveTask(BaseModel):
    """The main task that was started last of those that have not ended."""

    task_id: str
    parent_task_id: None = None
    task_type: str
    sub_type_identifier: None = None
    status: State
    progress: Percent
    details: dict[str, Any]
    timestamp: str = Field(description="When it last changed, in local time.")


class NoActiveTask(BaseModel):
    """No main task is on."""


class PlaylistSong(BaseModel):
    """A track of a playlist."""

    item_id: str = Field(description="Jellyfin's id where it is known, else Harmonie's.")
    title: str
    author: str
