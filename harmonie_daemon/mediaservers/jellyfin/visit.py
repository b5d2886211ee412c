"""Who we are at one Jellyfin server, and requests made with the best of our credentials."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Literal

from harmonie_daemon.mediaservers.errors import LoginNeededError
from harmonie_daemon.mediaservers.jellyfin.client import JellyfinClient
from harmonie_daemon.mediaservers.jellyfin.credentials import (
    Credential,
    JellyfinCredentials,
    JellyfinOperation,
)
from harmonie_daemon.mediaservers.jellyfin.token_file import KeptToken
from harmonie_daemon.mediaservers.jellyfin.wire import ServerInfo

CLOCKS_AGREE_S = 5.0
"""An answer names whole seconds, and takes some to arrive."""
WRONG_CLOCK_S = 86_400.0
"""Beyond it one of the two has no idea of the time, and it may be ours."""


@dataclass(frozen=True, slots=True)
class Tried:
    """A token that we hold, and what the server says to it; or that logins cannot be read."""

    origin: Literal["settings", "login"]
    credential: Credential | None
    """``None``: it does not work."""
    kept: KeptToken | None
    """The login it is from."""
    problem: str | None = None
    """Why it does not work, and what to do."""


@dataclass(frozen=True, slots=True)
class Visit:
    """Who we are at a server, as it says itself."""

    server: ServerInfo
    tried: tuple[Tried, ...]
    client: Callable[[Credential], JellyfinClient]
    """Requests with one of them."""
    names: Mapping[str, str] = field(default_factory=dict)
    """Of users by their ids, as far as they are known."""
    ahead_s: float = 0.0
    """By so much the server's clock is ahead of ours; 0 where that makes no difference."""

    @property
    def credentials(self) -> JellyfinCredentials:
        """Those that work."""
        held = tuple(one.credential for one in self.tried if one.credential is not None)
        return JellyfinCredentials(self.server.version, held)

    @property
    def problems(self) -> tuple[str, ...]:
        """A sentence for each token that does not work."""
        return tuple(one.problem for one in self.tried if one.problem is not None)

    @property
    def lost(self) -> tuple[KeptToken, ...]:
        """The logins that do not work."""
        return tuple(one.kept for one in self.tried if one.kept and one.credential is None)

    def by_our_clock(self, at: float | None) -> float | None:
        """When something was that the server tells of by its own clock."""
        return None if at is None else at - self.ahead_s

    def client_for(
        self,
        operation: JellyfinOperation,
        user: str | None = None,
        *,
        shared_with: Collection[str] = (),
    ) -> JellyfinClient:
        """A client that may do this; see ``JellyfinCredentials.best_for``.

        Raises ``LoginNeededError`` when there is none.
        """
        best = self.credentials.best_for(operation, user, shared_with=shared_with)
        if best is None:
            raise self.login_needed(operation, user)
        return self.client(best)

    @property
    def lister(self) -> tuple[JellyfinClient, str | None]:
        """A client that lists tracks, and the id of the user whose view of them it has.

        ``None``: it sees everything. Raises ``LoginNeededError`` when there is none.
        """
        best = self.credentials.best_for(JellyfinOperation.TRACKS)
        if best is None:
            raise self.login_needed(JellyfinOperation.TRACKS)
        return self.client(best), None if best.user is None else best.user.id

    def login_needed(
        self, operation: JellyfinOperation, user: str | None = None
    ) -> LoginNeededError:
        """That nobody who is logged in may do this."""
        if user is None:
            return LoginNeededError(
                f"nobody who is logged in at Jellyfin may {operation}: run harmonie jellyfin login "
                "as an administrator"
            )
        kept = (one.kept for one in self.tried if one.kept is not None)
        names = {one.user.id: one.user.name for one in kept} | dict(self.names)
        name = names.get(user)
        whom = f"user {user}" if name is None else repr(name)
        return LoginNeededError(
            f"nobody who is logged in at Jellyfin may {operation} of {whom}: "
            f"run {login_command(name)}"
        )


def clock_ahead_s(theirs: float | None, ours: float) -> float:
    """How much is to be made of it that a server says another time than we."""
    ahead_s = 0.0 if theirs is None else theirs - ours
    return ahead_s if CLOCKS_AGREE_S < abs(ahead_s) < WRONG_CLOCK_S else 0.0


def login_command(name: str | None = None) -> str:
    """What to run so that this user is logged in."""
    return "harmonie jellyfin login" + ("" if name is None else f" --user {shlex.quote(name)}")
