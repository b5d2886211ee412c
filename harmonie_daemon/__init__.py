"""Harmonie: a self-hosted daemon for listening to one's own music."""
