"""The questions that a server answers about its tracks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from harmonie_daemon.domain.catalogue import RemoteTrack, RemoteUser

MOST_ITEMS = 1_000_000
"""Of a listing: several times the largest library; a server that goes on for ever is none."""


@dataclass(frozen=True, slots=True)
class ListedPage:
    """Some of a server's tracks."""

    ids: tuple[str, ...]
    items: tuple[RemoteTrack, ...]
    """Empty where only ids were asked for."""
    following: str | None
    """Where the next page begins; ``None``: there is none."""
    total: int | None = None
    """How many there are, where the server said so with this page."""
    at: float | None = None
    """The server's own clock, Unix time."""


@dataclass(frozen=True, slots=True)
class LibraryMark:
    """The state of a server's library, in few words."""

    count: int | None = None
    """How many tracks it has; ``None``: it does not say."""
    mark: str = ""
    """Some text that changes when the library does; empty: it has none."""


class Lister(Protocol):
    """One server, asked as one user. Methods raise ``MediaServerError``."""

    @property
    def server(self) -> str:
        """The id by which its catalogue is kept."""

    @property
    def viewer(self) -> str:
        """As whom it is asked."""

    @property
    def no_music(self) -> str:
        """What to say when it shows none."""

    @property
    def lists_ids(self) -> bool:
        """Whether it can be asked for nothing but ids, and for tracks by their ids."""

    async def page(self, position: str, *, ids_only: bool) -> ListedPage:
        """Some of all tracks, in an order in which new ones are last; ``""`` is the beginning."""

    async def changed(self, since: float, position: str) -> ListedPage | None:
        """Those that were saved since then by its own clock; ``None``: it cannot tell."""

    async def standing(self) -> LibraryMark:
        """Whether its library is as it was."""

    async def items_of(self, ids: Sequence[str]) -> Sequence[RemoteTrack]:
        """Those of these tracks that there are."""

    async def users(self) -> Sequence[RemoteUser]:
        """Everybody; only ourselves where others may not be seen."""
