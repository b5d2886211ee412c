"""Bringing the store in line with the music folders, now and whenever they change."""

from harmonie_daemon.scanning.library_scan import LibraryScan
from harmonie_daemon.scanning.models import Models
from harmonie_daemon.scanning.opening import Scanning, open_scanning

__all__ = ["LibraryScan", "Models", "Scanning", "open_scanning"]
