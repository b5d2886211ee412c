"""``[personal]`` and ``[prefix]``: playlists for each listener, and those that users ask for."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from harmonie_daemon.config.groups import SettingsGroup
from harmonie_daemon.config.values import Cron, Texts
from harmonie_daemon.domain.playlist import DEFAULT_MIXES, MOST_MIXES

Variation = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
"""0 (the same as long as nothing else changes) to 1."""


class PersonalSettings(SettingsGroup):
    """``[personal]``: what follows from what each of them heard."""

    enabled: bool = True
    users: Texts = ()
    mixes: int = Field(default=DEFAULT_MIXES, ge=0, le=MOST_MIXES)
    on_repeat: bool = True
    forgotten_favourites: bool = True
    clusters: bool = True
    variation: Variation = 0.2


class PrefixSettings(SettingsGroup):
    """``[prefix]``: playlists of users' own, filled because of their names."""

    enabled: bool = True
    users: Texts = ()
    poll_minutes: float = Field(default=2.0, ge=1, le=60)
    seeds: int = Field(default=5, ge=1, le=20)
    variation: Variation = 0.2
    schedule: Cron = "0 3 * * *"
