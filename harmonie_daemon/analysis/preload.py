"""Imported once, before the workers are forked: everything that hearing a file needs.

The one module that works at import time: that is when its work is wanted.
"""

import av.logging

from harmonie_daemon.analysis import pipeline
from harmonie_daemon.analysis.essentia import standard
from harmonie_daemon.analysis.memory import give_back

__all__ = ["pipeline"]

standard()
av.logging.set_level(av.logging.PANIC)
give_back()
