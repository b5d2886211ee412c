"""What is near what, opened: the index, and the questions that are put to it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from harmonie_daemon.similarity.resolve import Resolver
from harmonie_daemon.similarity.search import Search
from harmonie_daemon.similarity.space import Spaces
from harmonie_daemon.store.opening import Store


@dataclass(frozen=True, slots=True)
class Similarity:
    """The vectors in memory and what is asked of them; ``spaces.load`` reads them in."""

    spaces: Spaces
    search: Search
    resolver: Resolver


@contextmanager
def open_similarity(store: Store) -> Iterator[Similarity]:
    """An index over the store, still empty."""
    spaces = Spaces(store.vectors)
    try:
        yield Similarity(spaces, Search(store.tracks, spaces), Resolver(store.tracks))
    finally:
        spaces.close()
