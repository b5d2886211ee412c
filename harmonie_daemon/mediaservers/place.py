"""What keeps playlists: all that a server or a folder has to be able to do."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from harmonie_daemon.store.records import RemotePlaylist

Holding = tuple[str, str]
"""Key of a playlist and the user who has it."""


class RemoteList(Protocol):
    """A playlist as a place is to have it."""

    @property
    def key(self) -> str:
        """Of the playlist."""

    @property
    def user(self) -> str:
        """Who has it, by the place's own id; empty where users are not told apart."""

    @property
    def name(self) -> str:
        """The title people see."""

    @property
    def ids(self) -> tuple[str, ...]:
        """Its tracks by the place's own names, in order, each once."""

    @property
    def content_hash(self) -> str:
        """Digest of everything in it that may change."""


ListT = TypeVar("ListT", bound=RemoteList)
ListT_contra = TypeVar("ListT_contra", bound=RemoteList, contravariant=True)


@dataclass(frozen=True, slots=True)
class Seen:
    """What a look at a place says of our playlists there."""

    standing: frozenset[str] = frozenset()
    """Ids of those that it shows; absence proves nothing yet."""
    altered: frozenset[str] = frozenset()
    """Ids of those of them that are no longer as we left them."""


class Place(Protocol[ListT_contra]):
    """Where playlists are kept: all that a server or a folder has to be able to do.

    Methods raise ``MediaServerError``.
    """

    @property
    def target(self) -> str:
        """The name its rows have in our table."""

    async def look(self, rows: Collection[RemotePlaylist]) -> Seen:
        """What is there of these, in as few questions as possible."""

    async def find(
        self, row: RemotePlaylist, wanted: ListT_contra | None = None
    ) -> RemotePlaylist | None:
        """The row of the playlist as it is there, ``None`` when there surely is none.

        ``wanted``: what it is about to become, as which it counts too.
        """

    async def new_id(self, wanted: ListT_contra) -> str:
        """The id that a new playlist will have; empty where the place gives one."""

    async def create(self, wanted: ListT_contra, remote_id: str) -> str:
        """Make it and return its id. A refusal, and nothing else, says that none was made."""

    async def change(self, wanted: ListT_contra, row: RemotePlaylist) -> bool:
        """Bring it to its wanted state under its id; ``False`` when there is no way to.

        ``row`` says what was known of it. Raises ``MissingError`` when it is gone.
        """

    async def read(self, row: RemotePlaylist) -> Sequence[str]:
        """What is in it now, in order."""

    async def put_back(self, row: RemotePlaylist, contents: Sequence[str]) -> None:
        """Give it these contents again, which a change that broke off took from it."""

    async def delete(self, row: RemotePlaylist) -> None:
        """Delete it, and see that it is gone. Only a playlist of ours is ever deleted."""

    async def require_usable(self) -> None:
        """Raise when nothing can be done here, and not just not with one playlist."""


def content_hash(*lists: Sequence[str]) -> str:
    """Digest of lists of ids, the tracks first."""
    return ".".join(digest(ids) for ids in lists)


def has_contents(row: RemotePlaylist, ids: Sequence[str]) -> bool:
    """Whether the ``content_hash`` of the row is that of a playlist of these tracks."""
    return row.content_hash.split(".", 1)[0] == digest(ids)


def digest(ids: Sequence[str]) -> str:
    """A short name for a list of ids in their order."""
    return hashlib.sha256("\n".join(ids).encode()).hexdigest()[:32]
