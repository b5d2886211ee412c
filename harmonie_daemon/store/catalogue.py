"""The repository of what media servers have: their items, which of our tracks those are, users."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import TypeVar

from harmonie_daemon.domain.catalogue import CatalogueReport, RemoteUser, UserItem
from harmonie_daemon.domain.listening import PlayTotal
from harmonie_daemon.domain.track import TrackId
from harmonie_daemon.store import (
    catalogue_items,
    catalogue_matches,
    catalogue_state,
    catalogue_users,
)
from harmonie_daemon.store.catalogue_items import Kept, Keyed
from harmonie_daemon.store.catalogue_matches import Match
from harmonie_daemon.store.catalogue_state import CatalogueState
from harmonie_daemon.store.catalogue_view import CatalogueView
from harmonie_daemon.store.connection import Connection
from harmonie_daemon.store.database import Database

T = TypeVar("T")

__all__ = ["CatalogueState", "Catalogues", "Kept", "Keyed", "Match"]


class Catalogues:
    """One catalogue a server, known by its ``CatalogueState``. Methods may raise ``StoreError``."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def open(
        self, target: str, server: str, address: str, viewer: str, now: float
    ) -> CatalogueState:
        """Of the server with this id, seen at this address as this user; begun if need be."""
        return await self._db.write(
            lambda connection: catalogue_state.open_state(
                connection, target, server, address, viewer, now
            )
        )

    async def latest(self, target: str, address: str) -> CatalogueState | None:
        """Of the server that was last seen at this address."""
        return await self._db.read(
            lambda connection: catalogue_state.latest_state(connection, target, address)
        )

    async def save_listing(self, state: CatalogueState) -> None:
        """Keep how far it is listed."""
        await self._db.write(lambda connection: catalogue_state.save_listing(connection, state))

    async def save_matching(self, state: CatalogueState) -> None:
        """Keep by what it was matched; it is clean again."""
        await self._db.write(lambda connection: catalogue_state.save_matching(connection, state))

    async def keep(self, state: CatalogueState, items: Sequence[Keyed]) -> Kept:
        """Insert or update items, and keep how far it is, all or nothing."""

        def work(connection: Connection) -> Kept:
            kept = catalogue_items.keep(connection, state.id, state.sweep, items)
            if kept.new or kept.altered:
                catalogue_state.soil(connection, state.id)
            catalogue_state.save_listing(connection, state)
            return kept

        return await self._db.write(work)

    async def unknown(self, state: CatalogueState, remote_ids: Sequence[str]) -> list[str]:
        """Which of these are not items of the catalogue."""
        return await self._db.read(
            lambda connection: catalogue_items.unknown(connection, state.id, remote_ids)
        )

    async def note_seen(self, state: CatalogueState, remote_ids: Sequence[str]) -> int:
        """Say that the sweep under way showed these, and keep how far it is.

        How many it had not shown before.
        """

        def work(connection: Connection) -> int:
            fresh = catalogue_items.note_seen(connection, state.id, state.sweep, remote_ids)
            catalogue_state.save_listing(connection, state)
            return fresh

        return await self._db.write(work)

    async def seen(self, state: CatalogueState) -> int:
        """How many the sweep has shown."""
        return await self._db.read(
            lambda connection: catalogue_items.seen(connection, state.id, state.sweep)
        )

    async def forget_unseen(self, state: CatalogueState, limit: int) -> int:
        """Forget some of those that the sweep did not show; how many."""

        def work(connection: Connection) -> int:
            catalogue_state.soil(connection, state.id)
            return catalogue_items.forget_unseen(connection, state.id, state.sweep, limit)

        return await self._db.write(work)

    async def forget(self, state: CatalogueState, remote_ids: Sequence[str]) -> int:
        """Forget these items; how many were known."""

        def work(connection: Connection) -> int:
            catalogue_state.soil(connection, state.id)
            return catalogue_items.forget(connection, state.id, remote_ids)

        return await self._db.write(work)

    async def look(self, state: CatalogueState, work: Callable[[CatalogueView], T]) -> T:
        """Whatever recognising tracks needs: ``work`` runs on a reader thread, in one state."""
        return await self._db.read(lambda connection: work(CatalogueView(connection, state.id)))

    async def save_matches(self, state: CatalogueState, matches: Sequence[Match]) -> None:
        """Insert or replace by track."""
        await self._db.write(
            lambda connection: catalogue_matches.save(connection, state.id, matches)
        )

    async def track_of(self, state: CatalogueState, remote_id: str) -> TrackId | None:
        """Our track that is this item."""
        return await self._db.read(
            lambda connection: catalogue_matches.track_of(connection, state.id, remote_id)
        )

    async def remote_ids(
        self, state: CatalogueState, tracks: Collection[TrackId]
    ) -> dict[TrackId, str]:
        """Their items of those of our tracks that they have."""
        return await self._db.read(
            lambda connection: catalogue_matches.remote_ids(connection, state.id, tracks)
        )

    async def save_users(self, state: CatalogueState, users: Sequence[RemoteUser]) -> None:
        """Exactly these; what was known of others goes."""
        await self._db.write(
            lambda connection: catalogue_users.save_users(connection, state.id, users)
        )

    async def users(self, state: CatalogueState) -> list[RemoteUser]:
        """By name."""
        return await self._db.read(lambda connection: catalogue_users.users(connection, state.id))

    async def asked_at(self, state: CatalogueState, user: str) -> float | None:
        """When the user's favourites and plays were last asked for."""
        return await self._db.read(
            lambda connection: catalogue_users.asked_at(connection, state.id, user)
        )

    async def save_user_items(
        self, state: CatalogueState, user: str, items: Sequence[UserItem], now: float
    ) -> None:
        """Exactly these, of those that are items of the catalogue."""
        await self._db.write(
            lambda connection: catalogue_users.save_items(connection, state.id, user, items, now)
        )

    async def favourites(self, state: CatalogueState, user: str) -> list[TrackId]:
        """Those of our tracks that the user has marked, ascending."""
        return await self._db.read(
            lambda connection: catalogue_users.favourites(connection, state.id, user)
        )

    async def play_totals(self, state: CatalogueState, user: str) -> dict[TrackId, PlayTotal]:
        """Those of our tracks that the user has played, ascending."""
        return await self._db.read(
            lambda connection: catalogue_users.totals(connection, state.id, user)
        )

    async def report(self, state: CatalogueState) -> CatalogueReport:
        """What is known of the server's music."""

        def work(connection: Connection) -> CatalogueReport:
            return CatalogueReport(
                target=state.target,
                server_id=state.server,
                items=catalogue_items.count(connection, state.id),
                listed_at=state.listed_at,
                swept_at=state.swept_at,
                mappings=state.learned,
                roots=catalogue_matches.by_root(connection, state.id),
            )

        return await self._db.read(work)
