"""The repository of listening: plays, favourites, play totals and playlists of each listener.

A listener is a name, whoever says it (``domain.listening.listener_key``): the same name at
Jellyfin, at a Subsonic server and at a player is one person.

Files keep their plays when they move, and when they go and come back by their path or with their
content. In between, and while they are hidden or cannot be decoded, no answer speaks of them; what
is kept of files that stay away goes with their last play (``prune``).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

from harmonie_daemon.domain.listening import (
    ListenerTally,
    OpenPlay,
    Play,
    PlaySource,
    PlayTotal,
    TrackListening,
)
from harmonie_daemon.domain.track import TrackId
from harmonie_daemon.store.connection import Connection
from harmonie_daemon.store.database import Database
from harmonie_daemon.store.listening import (
    favourites,
    listeners,
    open_plays,
    own_lists,
    pruning,
    reading,
    recording,
    totals,
)

MOST_PLAYS = 100_000
"""Of one answer."""


class Plays:
    """What was listened to. Methods may raise ``StoreError``.

    Those that are given a name raise ``ParameterError`` for one that cannot be a listener's, and
    those that take something in ``TooManyListenersError`` for one too many.
    """

    def __init__(self, db: Database, clock: Callable[[], float]) -> None:
        """``clock`` gives Unix time, for what is forgotten."""
        self._db = db
        self._clock = clock

    async def record(self, plays: Sequence[Play]) -> int:
        """Keep plays; returns how many of them nobody had told of before.

        One that two sources tell of is kept once, as the better one tells it
        (``PlaySource.rank``). Left out are plays of files that are not known, and of before their
        listener was forgotten.
        """
        return await self._db.write(lambda connection: recording.record(connection, plays))

    async def open(self, source: PlaySource) -> list[OpenPlay]:
        """What went on at this source when ``turn`` was last called; by session."""
        return await self._db.read(lambda connection: open_plays.load(connection, source))

    async def turn(
        self, source: PlaySource, going_on: Sequence[OpenPlay], ended: Sequence[Play]
    ) -> int:
        """This goes on at a source now, and that has ended: ``record`` and ``open``, all or none.

        What began before its listener was forgotten is not kept, nor is what a listener too many
        played.
        """

        def work(connection: Connection) -> int:
            open_plays.save(connection, source, going_on)
            return recording.record(connection, ended, strict=False)

        return await self._db.write(work)

    async def between(
        self, since: float, until: float, listener: str | None = None, limit: int = MOST_PLAYS
    ) -> list[Play]:
        """Plays begun from ``since`` until before ``until`` (Unix time), the latest first.

        Of one listener or of all; no more than ``limit``.
        """
        return await self._db.read(
            lambda connection: reading.between(connection, since, until, listener, limit)
        )

    async def counts(
        self, since: float | None = None, listener: str | None = None
    ) -> dict[TrackId, int]:
        """How often each track was played so that it counts; tracks without are left out.

        Totals that were imported (``totals``) are not in it.
        """
        from_then_on = 0.0 if since is None else since
        return await self._db.read(
            lambda connection: reading.counts(connection, from_then_on, listener)
        )

    async def summaries(self, listener: str, since: float = 0.0) -> list[TrackListening]:
        """Each track that the listener began to play since then; ascending ids."""
        return await self._db.read(
            lambda connection: reading.summaries(connection, listener, since)
        )

    async def tallies(
        self, since: float, until: float, listener: str | None = None
    ) -> list[ListenerTally]:
        """What each listener, or this one, began to play then, in numbers; by name."""
        return await self._db.read(
            lambda connection: reading.tallies(connection, since, until, listener)
        )

    async def favourites(self, listener: str) -> dict[TrackId, float]:
        """The listener's favourites, at any server, and when each was noticed (Unix time)."""
        return await self._db.read(lambda connection: favourites.load(connection, listener))

    async def set_favourites(
        self, listener: str, ids: Collection[TrackId], at: float, place: str = "jellyfin"
    ) -> bool:
        """These were all of the listener's favourites at this server then; whether that is news.

        A look that is not later than the last one is none.
        """
        return await self._db.write(
            lambda connection: favourites.replace(connection, listener, ids, at, place)
        )

    async def change_favourites(
        self, listener: str, marks: Mapping[TrackId, bool], at: float, place: str = "jellyfin"
    ) -> bool:
        """These became favourites, or are none any more; whether anything changed."""
        return await self._db.write(
            lambda connection: favourites.change(connection, listener, marks, at, place)
        )

    async def totals(self, listener: str) -> dict[TrackId, PlayTotal]:
        """What servers had counted of each track before we began to listen; imported once."""
        return await self._db.read(lambda connection: totals.load(connection, listener))

    async def note_totals(
        self,
        listener: str,
        counted: Mapping[TrackId, PlayTotal],
        at: float,
        source: PlaySource,
        *,
        is_whole: bool = True,
    ) -> int:
        """What a server's counter says now; returns how many plays nobody else had told of.

        The first time that it says so of everything (``is_whole``) is the import. After that each
        step up is a play, at the time of the last one or spread since the look before, unless a
        better source told of a play then.
        """
        return await self._db.write(
            lambda connection: totals.note(
                connection, listener, counted, at, source, is_whole=is_whole
            )
        )

    async def in_own_lists(self, listener: str) -> dict[TrackId, int]:
        """How many of the listener's own playlists, at any server, have each track; without those
        that are in none."""
        return await self._db.read(lambda connection: own_lists.counts(connection, listener))

    async def listeners(self) -> list[str]:
        """The names of those of whom anything is kept, as they were spelled last; by name."""
        return await self._db.read(listeners.names)

    async def admit(self, names: Collection[str]) -> set[str]:
        """Take in listeners of these names; returns those that are too many."""
        return await self._db.write(lambda connection: listeners.admit(connection, names))

    async def forget(self, listener: str) -> int:
        """Empty plays, favourites, totals, playlists and what goes on of a listener; how many
        plays went.

        What is from before stays away: plays that are told again, totals that are read again,
        favourites until they are marked anew, and what playlists hold until it is taken out of
        them and put in anew. See ``take_in_again``.
        """
        now = self._clock()

        def work(connection: Connection) -> int:
            open_plays.forget(connection, listener)
            return listeners.forget(connection, listener, now)

        return await self._db.write(work)

    async def take_in_again(self, listener: str) -> bool:
        """Undo that: the next look takes in all of that again; whether the name is known."""
        return await self._db.write(
            lambda connection: listeners.take_in_again(connection, listener)
        )

    async def prune(self, before: float) -> int:
        """Forget plays begun before then (Unix time); returns how many."""
        return await self._db.write(lambda connection: pruning.prune(connection, before))

    async def generation(self) -> int:
        """A number that grows with every change of what is answered here."""
        return await self._db.read(listeners.generation)
