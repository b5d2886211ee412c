"""One push to a Jellyfin server: every playlist for its owner, one after another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harmonie_daemon.domain.errors import MediaServerError
from harmonie_daemon.domain.track import TrackId
from harmonie_daemon.mediaservers.errors import UnauthorizedError, UnavailableError
from harmonie_daemon.mediaservers.jellyfin_access import Assignment
from harmonie_daemon.mediaservers.jellyfin_client import JellyfinClient
from harmonie_daemon.mediaservers.jellyfin_lookup import TARGET, RemoteList
from harmonie_daemon.mediaservers.jellyfin_playlists import Change, PlaylistShelf
from harmonie_daemon.mediaservers.push import PushReport
from harmonie_daemon.store.playlists import Playlists
from harmonie_daemon.store.records import RemotePlaylist, RemoteState


@dataclass(frozen=True, slots=True)
class Shelved:
    """Which of the playlists in question are on the server."""

    rows: Mapping[tuple[str, str], RemotePlaylist]
    """Those in place, by key and owner."""
    standing: frozenset[str]
    """Ids of those that the server shows."""
    empty: frozenset[str]
    """Ids of those of them whose tracks went, as when a library is moved."""


class JellyfinPush:
    """One push under way: what has been done, and what could not be."""

    def __init__(
        self,
        client: JellyfinClient,
        shelf: PlaylistShelf,
        playlists: Playlists,
        shelved: Shelved,
        found: Mapping[TrackId, str],
    ) -> None:
        self._client = client
        self._shelf = shelf
        self._playlists = playlists
        self._shelved = shelved
        self._found = found
        self._changes: Counter[Change] = Counter()
        self._removed = 0
        self._retry = False
        self.problems: list[str] = []

    def report(self, *, unmatched: int, is_changing: bool) -> PushReport:
        """What this push did; what the server is still finding is asked for again soon."""
        return PushReport(
            created=self._changes["created"],
            updated=self._changes["updated"],
            unchanged=self._changes["unchanged"],
            removed=self._removed,
            unmatched=unmatched,
            problems=tuple(dict.fromkeys(self.problems)),
            retry=self._retry or (unmatched > 0 and is_changing),
        )

    async def put_all(self, assignments: Sequence[Assignment]) -> None:
        """Make or change every playlist; one that fails does not keep the others from it."""
        shelved = self._shelved
        for assignment in assignments:
            row = shelved.rows.get((assignment.playlist.key, assignment.owner))
            wanted = self._translate(assignment, row)
            if wanted is None:
                continue
            try:
                change = await self._shelf.put(wanted, row, shelved.standing, shelved.empty)
            except MediaServerError as error:
                await self._note(f"{wanted.name!r}: {error}", error)
            else:
                self._changes[change] += 1

    async def remove_unwanted(
        self, assignments: Sequence[Assignment], undecided: frozenset[str]
    ) -> None:
        """Delete those playlists of ours that nobody wants any more."""
        wanted = {(one.playlist.key, one.owner) for one in assignments}
        rows = await self._playlists.remotes(TARGET)
        in_use = {row.remote_id for row in rows if row.in_place}
        coming = {(r.key, r.user) for r in rows if r.state is RemoteState.UNCONFIRMED} & wanted
        for row in rows:
            place = row.key, row.user
            if row.key in undecided or place in (wanted if row.in_place else coming):
                continue
            if not row.in_place and row.remote_id in in_use:
                await self._playlists.forget_remote(row)
                continue
            try:
                self._removed += await self._shelf.remove(row)
            except MediaServerError as error:
                await self._note(f"{row.name!r}: {error}", error)

    def _translate(self, assignment: Assignment, row: RemotePlaylist | None) -> RemoteList | None:
        """The playlist in the server's ids; ``None`` when it has none of the tracks.

        One that stands there had some: they are being moved, and it is worth trying again soon.
        """
        playlist = assignment.playlist
        ids = tuple(dict.fromkeys(self._found[t] for t in playlist.track_ids if t in self._found))
        if playlist.track_ids and not ids:
            self.problems.append(f"{playlist.name!r}: Jellyfin has none of its tracks")
            self._retry |= row is not None
            return None
        return RemoteList(assignment, ids)

    async def _note(self, problem: str, error: MediaServerError) -> None:
        """Keep a problem and go on; raise when it is the whole server's."""
        if isinstance(error, UnauthorizedError):
            raise error
        if isinstance(error, UnavailableError):
            await self._client.server_info()
            self._retry = True
        self.problems.append(problem)
