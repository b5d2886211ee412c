"""What the handlers of this family work with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from harmonie_daemon.caching.opening import Caches
from harmonie_daemon.config.groups import DiscoverySettings
from harmonie_daemon.discovery.cross_domain import CrossDomain
from harmonie_daemon.discovery.discovery import Discovery
from harmonie_daemon.discovery.kept_mixes import KeptMixes
from harmonie_daemon.discovery.known_tracks import KnownTracks
from harmonie_daemon.discovery.mixing import Mixer
from harmonie_daemon.discovery.profiles import Profiler
from harmonie_daemon.discovery.rewording import Rewording
from harmonie_daemon.discovery.story_model import MoodReader, Storyteller
from harmonie_daemon.discovery.trends import Trendsetter
from harmonie_daemon.providers.standing import Standings
from harmonie_daemon.store.database import Database
from harmonie_daemon.web.endpoint import BodyT, Call, PathT, QueryT


@dataclass(frozen=True, slots=True)
class BeattellerDeps:
    """Everything the handlers work with."""

    version: str
    """Ours."""
    settings: DiscoverySettings
    clock: Callable[[], float]
    """Unix time."""
    database: Database
    standings: Standings
    caches: Caches
    discovery: Discovery
    rewording: Rewording | None
    """Without a language model there is none."""
    known_tracks: KnownTracks
    mood_reader: MoodReader
    storyteller: Storyteller
    trendsetter: Trendsetter
    profiler: Profiler
    cross_domain: CrossDomain
    mixer: Mixer
    kept_mixes: KeptMixes
    push: Callable[[], object]
    """Begins to bring what is kept to the targets; nobody waits for it."""


BeattellerCall: TypeAlias = Call[BeattellerDeps, PathT, QueryT, BodyT]
