"""From the members of a request to what a clustering is asked for."""

from __future__ import annotations

from harmonie_daemon.api.audiomuse.schemas import ClusteringBody
from harmonie_daemon.config.groups import ClusteringSettings
from harmonie_daemon.domain.clustering import ClusterRequest

NAMES = {"clustering_method": "method", "clustering_runs": "runs"}
"""Members that are called otherwise inside."""


def clustering_request(body: ClusteringBody, usual: ClusteringSettings) -> ClusterRequest:
    """What is given, and for the rest the settings.

    Raises ``ParameterError`` when the ends of a range are the wrong way round.
    """
    given = body.model_dump(exclude_none=True)
    return usual.request(**{NAMES.get(name, name): value for name, value in given.items()})
