"""timbre316, the built-in embedding: needs no download and no state."""

from harmonie_daemon.analysis.timbre.filterbanks import SAMPLE_RATE
from harmonie_daemon.analysis.timbre.vector import DIMENSION, TimbreVector, load_constants
from harmonie_daemon.analysis.timbre.whitening import Whitening

__all__ = ["DIMENSION", "SAMPLE_RATE", "TimbreVector", "Whitening", "load_constants"]
