"""The ``[[playlist]]`` tables: recipes as an operator writes them."""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from harmonie_daemon.config.groups import ClusteringSettings
from harmonie_daemon.config.values import Cron
from harmonie_daemon.domain.clustering import check_values
from harmonie_daemon.domain.errors import FilterError, ParameterError
from harmonie_daemon.domain.filters import TrackFilter, filter_from_values
from harmonie_daemon.domain.playlist import (
    DEFAULT_MIXES,
    MAX_LENGTH,
    MOST_MIXES,
    EnergyCurve,
    Recipe,
    RecipeMode,
    VibeTarget,
)
from harmonie_daemon.domain.recipe_modes import settings_fault

Server = Annotated[str, Field(pattern=r"^(m3u|jellyfin|subsonic|m3u:[a-z0-9_-]+)$")]
"""A target by its name; ``m3u`` is every folder of files, ``m3u:kodi`` that of one player."""
WEEKLY = "45 4 * * mon"
"""When clusterings are made unless a recipe says otherwise; more often, lists only flutter."""


class TargetSettings(BaseModel):
    """The ``target`` table of a recipe."""

    model_config = ConfigDict(extra="forbid")

    bpm: float | None = Field(default=None, gt=0)
    danceability: float | None = None


class RecipeSettings(BaseModel):
    """One ``[[playlist]]`` table."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=200)
    mode: RecipeMode = RecipeMode.SIMILAR
    seeds: list[str | int] = []
    filter: dict[str, Any] = {}
    target: TargetSettings = TargetSettings()
    spoken: bool = False
    energy_curve: EnergyCurve | None = None
    n: int = Field(default=30, ge=1, le=MAX_LENGTH)
    schedule: Cron = "0 4 * * *"
    clustering: dict[str, Any] = {}
    users: list[str] = []
    count: int = Field(default=DEFAULT_MIXES, ge=1, le=MOST_MIXES)
    variation: float | None = Field(default=None, ge=0, le=1, allow_inf_nan=False)
    servers: list[Server] = []

    @field_validator("filter")
    @classmethod
    def _is_filter(cls, value: dict[str, Any]) -> dict[str, Any]:
        try:
            filter_from_values(value)
        except FilterError as error:
            raise ValueError(str(error)) from error
        return value

    @field_validator("clustering")
    @classmethod
    def _are_parameters(cls, value: dict[str, Any]) -> dict[str, Any]:
        try:
            check_values(value)
        except ParameterError as error:
            raise ValueError(str(error)) from error
        return value

    @model_validator(mode="after")
    def _has_what_its_mode_needs(self) -> Self:
        given = {name for name in self.model_fields_set if getattr(self, name)}
        if fault := settings_fault(self.mode, given):
            raise ValueError(fault)
        return self

    def recipe(self, usual: ClusteringSettings) -> Recipe:
        """The recipe as the rest of the program knows it; ``usual`` is for what it leaves open.

        Raises ``ParameterError`` when both together are no range.
        """
        is_clustering = self.mode in (RecipeMode.CLUSTERING, RecipeMode.LISTENER_CLUSTERS)
        weekly = is_clustering and "schedule" not in self.model_fields_set
        return Recipe(
            name=self.name,
            mode=self.mode,
            n=self.n,
            schedule=WEEKLY if weekly else self.schedule,
            clustering=usual.request(**self._parameters) if is_clustering else None,
            seeds=tuple(str(seed) for seed in self.seeds),
            filter=filter_from_values(self.filter) if self.filter else TrackFilter(),
            spoken=self.spoken,
            energy_curve=self.energy_curve,
            target=VibeTarget(self.target.bpm, self.target.danceability),
            users=tuple(self.users),
            servers=tuple(self.servers),
            count=self.count,
            variation=self.variation,
        )

    @property
    def _parameters(self) -> dict[str, Any]:
        length = {"max_songs_per_cluster": self.n} if "n" in self.model_fields_set else {}
        return {**length, **self.clustering}
