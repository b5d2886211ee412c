"""Descriptors: tempo, key, loudness, danceability and onset rate, one family per file."""

from harmonie_daemon.analysis.descriptors.version import DESCRIPTOR_VERSION

__all__ = ["DESCRIPTOR_VERSION"]
