"""People's own playlists on a server: read, and changed for them without losing what is theirs.

Not the playlists of ours that are pushed there (``shelf``): these belong to a user, are never made
and never deleted by us, and their seeds are never taken out.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from harmonie_daemon.domain.errors import MediaServerError

MOST_ENTRIES = 1_000
"""Entries of a list beyond which it is left as it is: nobody's radio is longer, and what is taken
out of it would be somebody's collection."""
MOST_LISTS = 200
"""Of a person, of those whose names are wanted: the others are not looked at."""
LONGEST_LIST_NAME = 400
"""Characters of a name that are kept."""


class TooLongListError(MediaServerError):
    """The list is longer than ``MOST_ENTRIES``."""

    def __init__(self) -> None:
        super().__init__(
            f"it has more than {MOST_ENTRIES} entries, most of which would be replaced; "
            "make a new playlist of the seeds alone"
        )


@dataclass(frozen=True, slots=True)
class Person:
    """A user of a server."""

    id: str
    name: str
    obstacle: str = ""
    """Why their playlists cannot be changed by us, and what to do about it; empty: they can."""


@dataclass(frozen=True, slots=True)
class OwnList:
    """A playlist that belongs to a person."""

    id: str
    name: str
    """Its first ``LONGEST_LIST_NAME`` characters."""
    mark: str = ""
    """Another one whenever the contents are; empty where the server says nothing of the kind."""


class OwnLists(Protocol):
    """What a server must be able to do. Methods raise ``MediaServerError``."""

    @property
    def target(self) -> str:
        """The name its rows have in our tables."""

    @property
    def title(self) -> str:
        """What people call the server: ``Jellyfin``."""

    async def people(self) -> Sequence[Person]:
        """The users whose playlists we can read."""

    async def lists(
        self,
        person: Person,
        is_wanted: Callable[[str], bool],
        known: Collection[str],
    ) -> Sequence[OwnList]:
        """At most ``MOST_LISTS`` of their own playlists whose names are wanted; never others', and
        never what Harmonie made.

        ``known``: ids of which is settled that they are theirs.
        """

    async def contents(self, person: Person, list_id: str) -> tuple[str, ...]:
        """The ids of a list's tracks, in order; ``TooLongListError`` for a list beyond bounds."""

    async def visible(self, person: Person, ids: Sequence[str]) -> Collection[str]:
        """Which of these tracks there are for the person: others would be left out in silence."""

    async def rewrite(
        self, person: Person, list_id: str, contents: Sequence[str], wanted: Sequence[str]
    ) -> None:
        """Bring a list from these contents to those wanted.

        What begins the wanted list and stands in that order in the contents already is not taken
        out, so that whatever breaks in the middle leaves it there. Raises ``RefusedError`` when
        this may not be done, and nothing was.
        """


def kept_in_place(contents: Sequence[str], wanted: Sequence[str]) -> int:
    """How many of the wanted, from the first on, stand in the contents in that order."""
    at = 0
    for one in dict.fromkeys(contents):
        if at < len(wanted) and one == wanted[at]:
            at += 1
    return at
