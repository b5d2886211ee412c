"""What answers questions in words, over the opened core."""

from __future__ import annotations

from collections.abc import Mapping

from harmonie_daemon.api.beatteller import BeattellerDeps
from harmonie_daemon.app.core import VERSION, Clock, Core
from harmonie_daemon.discovery.cross_domain import CrossDomain
from harmonie_daemon.discovery.kept_mixes import KeptMixes
from harmonie_daemon.discovery.known_tracks import KnownTracks
from harmonie_daemon.discovery.mix_model import MixModel
from harmonie_daemon.discovery.mixing import Mixer
from harmonie_daemon.discovery.profiles import Profiler
from harmonie_daemon.discovery.rewording import Rewording
from harmonie_daemon.discovery.story_model import MoodReader, Storyteller
from harmonie_daemon.discovery.trends import Trendsetter
from harmonie_daemon.providers.standing import Standing


def beatteller_deps(core: Core, clock: Clock) -> BeattellerDeps:
    """What the API of BeatTeller works with. ``clock`` gives Unix time."""
    gemini = core.words.gemini
    return BeattellerDeps(
        version=VERSION,
        settings=core.settings.discovery,
        clock=clock,
        database=core.store.database,
        standings=lambda: _standings(core),
        caches=core.outside.caches,
        discovery=core.discovery,
        rewording=None if gemini is None else Rewording(gemini, core.outside.caches.requests),
        known_tracks=KnownTracks(core.store.tracks, core.services.resolver),
        mood_reader=MoodReader(gemini),
        storyteller=Storyteller(gemini),
        trendsetter=Trendsetter(core.store.tracks, core.store.plays, clock),
        profiler=Profiler(
            core.store.tracks, core.services.spaces, core.discovery, core.store.plays, clock
        ),
        cross_domain=CrossDomain(
            core.store.tracks,
            core.outside.qloo,
            gemini,
            is_on=core.settings.discovery.cross_domain,
        ),
        mixer=Mixer(
            core.store.tracks,
            core.services.spaces,
            core.discovery,
            None if gemini is None else MixModel(gemini),
        ),
        kept_mixes=KeptMixes(core.store.playlists, clock),
        push=core.refresher.begin_push,
    )


def _standings(core: Core) -> Mapping[str, Standing]:
    gemini, qloo = core.words.gemini, core.outside.qloo
    return {
        "gemini": Standing.NOT_CONFIGURED if gemini is None else gemini.standing,
        "qloo": Standing.NOT_CONFIGURED if qloo is None else qloo.standing,
    }
