"""The weights of embedding models: which there are, which are here, and fetching them."""

from harmonie_daemon.analysis.weights.part_file import DownloadProgress
from harmonie_daemon.analysis.weights.registry import (
    DEFAULT_URL,
    EFFNET_MODEL,
    REGISTRY,
    Weights,
    weights_of,
)
from harmonie_daemon.analysis.weights.store import FileReport, WeightStore

__all__ = [
    "DEFAULT_URL",
    "EFFNET_MODEL",
    "REGISTRY",
    "DownloadProgress",
    "FileReport",
    "WeightStore",
    "Weights",
    "weights_of",
]
