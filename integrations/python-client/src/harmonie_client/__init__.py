"""A client of Harmonie: ``Client`` blocks, ``AsyncClient`` is awaited.

Each has the five families of the daemon: ``harmonie``, ``audiomuse``, ``beatteller``, ``stalgia``
and ``beatoven``. Bodies and answers are dictionaries with types (``harmonie_client.types``).
"""

from harmonie_client.client import AsyncClient, Client
from harmonie_client.errors import HarmonieApiError, HarmonieUnreachableError

__all__ = ["AsyncClient", "Client", "HarmonieApiError", "HarmonieUnreachableError"]
