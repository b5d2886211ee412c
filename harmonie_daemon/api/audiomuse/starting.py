"""Asking for analyses and clusterings: what is answered is on record, whatever happens next."""

from __future__ import annotations

from harmonie_daemon.api.audiomuse.answers import TaskQueued
from harmonie_daemon.api.audiomuse.deps import AudiomuseCall
from harmonie_daemon.api.audiomuse.schemas import AnalysisBody, ClusteringBody
from harmonie_daemon.api.audiomuse.wishes import analysis_request, clustering_request
from harmonie_daemon.scanning.albums.analysis import MAIN_ANALYSIS
from harmonie_daemon.tasks.clustering import MAIN_CLUSTERING
from harmonie_daemon.web.endpoint import Nothing


async def start_analysis(call: AudiomuseCall[Nothing, Nothing, AnalysisBody]) -> TaskQueued:
    """Hear the newest albums."""
    deps = call.deps
    request = analysis_request(call.body, deps.settings, await deps.own_credential())
    handle = deps.analyses.submit(request)
    await handle.recorded()
    return TaskQueued(task_id=handle.id, task_type=MAIN_ANALYSIS)


async def start_clustering(call: AudiomuseCall[Nothing, Nothing, ClusteringBody]) -> TaskQueued:
    """Make playlists of what belongs together."""
    request = clustering_request(call.body, call.deps.settings.clustering)
    handle = call.deps.clusterings.submit(request)
    await handle.recorded()
    return TaskQueued(task_id=handle.id, task_type=MAIN_CLUSTERING)
