"""From the members of a request to what a task is asked for."""

from __future__ import annotations

from harmonie_daemon.api.audiomuse.login import login_of
from harmonie_daemon.api.audiomuse.schemas import AnalysisBody, ClusteringBody
from harmonie_daemon.config import Settings
from harmonie_daemon.config.groups import ClusteringSettings
from harmonie_daemon.domain.clustering import ClusterRequest
from harmonie_daemon.mediaservers.jellyfin.credentials import Credential
from harmonie_daemon.scanning.albums import AnalysisRequest

NAMES = {"clustering_method": "method", "clustering_runs": "runs"}
"""Members that are called otherwise inside."""


def analysis_request(
    body: AnalysisBody, settings: Settings, own: Credential | None
) -> AnalysisRequest:
    """What is given, and for the rest the settings; ``own`` is what we hold for Jellyfin.

    Raises ``BadRequestError``.
    """
    albums, moods, usual = body.num_recent_albums, body.top_n_moods, settings.analysis
    return AnalysisRequest(
        usual.num_recent_albums if albums is None else albums,
        usual.top_n_moods if moods is None else moods,
        login_of(body, settings.jellyfin, own),
    )


def clustering_request(body: ClusteringBody, usual: ClusteringSettings) -> ClusterRequest:
    """What is given, and for the rest the settings.

    Raises ``ParameterError`` when the ends of a range are the wrong way round.
    """
    given = body.model_dump(exclude_none=True)
    return usual.request(**{NAMES.get(name, name): value for name, value in given.items()})
