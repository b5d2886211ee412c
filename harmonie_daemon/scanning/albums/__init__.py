"""Hearing the newest albums: what clients of AudioMuse-AI call an analysis."""

from harmonie_daemon.scanning.albums.analysis import AlbumAnalysis
from harmonie_daemon.scanning.albums.opening import open_album_analysis
from harmonie_daemon.scanning.albums.request import AnalysisRequest, ServerLogin

__all__ = ["AlbumAnalysis", "AnalysisRequest", "ServerLogin", "open_album_analysis"]
