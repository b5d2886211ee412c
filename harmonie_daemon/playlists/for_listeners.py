"""Playlists for each listener: those who listen, and what is made for one of them at a time."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import replace

from harmonie_daemon.domain.errors import ParameterError
from harmonie_daemon.domain.listening import ListenerKey, listener_key
from harmonie_daemon.domain.playlist import Recipe, SavedPlaylist
from harmonie_daemon.playlists.naming import slug
from harmonie_daemon.store.plays import Plays

MakingForOne = Callable[
    [Recipe, str, float, Sequence[SavedPlaylist]], Awaitable[list[SavedPlaylist] | None]
]
"""A listener's playlists at a Unix time, where these are the present ones; ``None``: those stay."""


class ForListeners:
    """A recipe for listeners: its playlists for each, private to them."""

    def __init__(self, plays: Plays, make_for: MakingForOne) -> None:
        self._plays = plays
        self._make_for = make_for

    async def make(
        self, recipe: Recipe, now: float, previous: Sequence[SavedPlaylist]
    ) -> list[SavedPlaylist]:
        """The playlists of everybody whom the recipe names, or of all of whom anything is known.

        Those of somebody of whom nothing is known any more are not among them.
        """
        return await self._make(recipe, now, previous, again=True)

    async def make_first(
        self, recipe: Recipe, now: float, previous: Sequence[SavedPlaylist]
    ) -> list[SavedPlaylist]:
        """The same, but whoever has any of these already keeps them just as they are."""
        return await self._make(recipe, now, previous, again=False)

    async def _make(
        self, recipe: Recipe, now: float, previous: Sequence[SavedPlaylist], *, again: bool
    ) -> list[SavedPlaylist]:
        made: list[SavedPlaylist] = []
        for listener in chosen_listeners(await self._plays.listeners(), recipe.users):
            key = listener_key(listener)
            present = [one for one in previous if _key(one.user) == key]
            if present and not again:
                made += present
                continue
            fresh = await self._make_for(recipe, listener, now, present)
            if fresh is None:
                fresh = [replace(one, refreshed_at=now) for one in present]
            made += [replace(one, recipe=recipe.name, user=listener) for one in fresh]
        return made


def key_for(recipe: Recipe, listener: str, *parts: str) -> str:
    """The key of a listener's playlist: the same however the name is spelled."""
    return ":".join((slug(recipe.name), listener_key(listener), *parts))


def chosen_listeners(listeners: Sequence[str], users: Collection[str]) -> list[str]:
    """Those of the listeners who are named, or all of them where nobody is."""
    if not users:
        return list(listeners)
    keys = {key for user in users if (key := _key(user)) is not None}
    return [one for one in listeners if listener_key(one) in keys]


def _key(user: str | None) -> ListenerKey | None:
    try:
        return None if user is None else listener_key(user)
    except ParameterError:  # an id or a name that no listener can have
        return None
