"""One server's catalogue as one read sees it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from harmonie_daemon.domain.catalogue import RemoteTrack
from harmonie_daemon.domain.track import TrackId
from harmonie_daemon.store import catalogue_items, catalogue_matches, track_queries
from harmonie_daemon.store.catalogue_items import RemotePath
from harmonie_daemon.store.connection import Connection
from harmonie_daemon.store.records import MatchKeys, OurPlace

Place = tuple[int, str, float | None]
"""Number, path and duration (s) of an item."""


class CatalogueView:
    """What recognising tracks asks; used on the thread that was given it."""

    def __init__(self, connection: Connection, catalogue: int) -> None:
        self._connection = connection
        self._catalogue = catalogue

    def with_keys(self, keys: Collection[int]) -> Mapping[int, Sequence[RemoteTrack]]:
        """The items that can be found by each of these digests, in the order of their arrival."""
        return catalogue_items.with_keys(self._connection, self._catalogue, keys)

    def paths_with_keys(self, keys: Collection[int]) -> Mapping[int, Sequence[RemotePath]]:
        """The same, but nothing of them than where they lie."""
        return catalogue_items.paths_with_keys(self._connection, self._catalogue, keys)

    def is_known(self, remote_id: str) -> bool:
        """Whether there is such an item."""
        return catalogue_items.is_known(self._connection, self._catalogue, remote_id)

    def places(self, after: int, limit: int) -> Sequence[Place]:
        """Those items that have a path, in pages by number."""
        return catalogue_items.places(self._connection, self._catalogue, after, limit)

    def places_of(self, numbers: Collection[int]) -> Iterable[Place]:
        """As ``places``, of these items."""
        return catalogue_items.places_of(self._connection, numbers)

    def tracks(self, ids: Sequence[TrackId]) -> list[MatchKeys]:
        """What these tracks of ours can be recognised by; ascending ids."""
        return track_queries.match_keys(self._connection, ids)

    def our_places(self, ids: Sequence[TrackId]) -> list[OurPlace]:
        """Where these tracks of ours are; ascending ids."""
        return track_queries.places(self._connection, ids)

    def all_tracks(self) -> list[TrackId]:
        """Every track of ours, ascending."""
        return catalogue_matches.all_tracks(self._connection)

    def to_match(self, generation: int | None, *, items_changed: bool) -> tuple[list[TrackId], int]:
        """The tracks whose match may be another now, and our library's generation."""
        return catalogue_matches.to_match(
            self._connection, self._catalogue, generation, items_changed=items_changed
        )

    def matched(self) -> int:
        """How many of our tracks the server has."""
        return catalogue_matches.matched(self._connection, self._catalogue)

    def missed(self) -> int:
        """How many of our tracks no path leads to."""
        return catalogue_matches.missed(self._connection, self._catalogue)
