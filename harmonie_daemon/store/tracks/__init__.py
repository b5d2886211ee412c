"""The repository of tracks: files, what they say of themselves and what was heard in them.

What can be asked is here, by noun; the SQL is in the modules beside this package.
"""

from harmonie_daemon.store.records import OrderBy
from harmonie_daemon.store.tracks.tracks import Tracks

__all__ = ["OrderBy", "Tracks"]
