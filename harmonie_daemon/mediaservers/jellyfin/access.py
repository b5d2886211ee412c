"""What a credential may do on a server, and for whom a playlist is made there; pure.

An API key belongs to no user: each user gets playlists of their own, and contents are replaced
entry by entry (Jellyfin 10.11 and later) or by a new playlist with a new id (10.10, which offers
nothing else). The token of a user owns every playlist, shares it, and replaces it in one request.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from harmonie_daemon.domain.errors import MediaServerError
from harmonie_daemon.domain.playlist import SavedPlaylist
from harmonie_daemon.domain.track import TrackId
from harmonie_daemon.mediaservers.jellyfin.wire import ServerInfo, User, canonical_id
from harmonie_daemon.mediaservers.push import PushItem
from harmonie_daemon.mediaservers.shelf import Holding

NO_OWNER = "an API key belongs to no user; set HARMONIE_JELLYFIN_USER"
OLDEST_VERSION = (10, 10, 0)
_ENTRY_REMOVAL_WITH_KEY = (10, 11, 0)


@dataclass(frozen=True, slots=True)
class Capabilities:
    """The ways of changing a playlist that are open; without any it is made anew."""

    replace_contents: bool
    """One request that replaces everything and may rename and share."""
    remove_entries: bool
    """Entries can be removed and added one by one."""


@dataclass(frozen=True, slots=True)
class Access:
    """A server and what our credential is there."""

    server: ServerInfo
    me: User | None
    """The user whose token we hold; ``None`` with an API key."""

    @property
    def capabilities(self) -> Capabilities:
        """What this version allows this kind of credential."""
        if self.me is not None:
            return Capabilities(replace_contents=True, remove_entries=True)
        return Capabilities(
            replace_contents=False, remove_entries=self.server.version >= _ENTRY_REMOVAL_WITH_KEY
        )

    @property
    def whose(self) -> str:
        """The credential in words."""
        return f"user {self.me.name!r}" if self.me else "this API key"


@dataclass(frozen=True, slots=True)
class OwnedPlaylist:
    """A playlist in the hands of one owner."""

    playlist: SavedPlaylist
    owner: str
    """User id."""
    shares: tuple[str, ...] = ()
    """Ids of the users who may read it, sorted."""


@dataclass(frozen=True, slots=True)
class AccessPlan:
    """Which playlists are wanted for whom."""

    owned: tuple[OwnedPlaylist, ...]
    undecided: frozenset[str]
    """Keys of playlists of which some user is unknown: none of theirs may be removed."""
    problems: tuple[str, ...]

    @property
    def holdings(self) -> frozenset[Holding]:
        """Who is to have what."""
        return frozenset((one.playlist.key, one.owner) for one in self.owned)

    @property
    def track_ids(self) -> frozenset[TrackId]:
        """Every track in any of them."""
        return frozenset(track for one in self.owned for track in one.playlist.track_ids)


def require_supported(server: ServerInfo) -> None:
    """Raise ``MediaServerError`` for a Jellyfin whose playlists work otherwise."""
    if server.version < OLDEST_VERSION:
        oldest = ".".join(str(part) for part in OLDEST_VERSION[:2])
        raise MediaServerError(
            f"Jellyfin {server.version_text} is too old; {oldest} or later is needed"
        )


def named_users(items: Sequence[PushItem], configured: str | None) -> frozenset[str]:
    """Every user that is named, as written."""
    return frozenset(name for item in items for name in _names(item, configured))


def find_user(users: Sequence[User], text: str) -> User | None:
    """The user with this id (with or without hyphens) or name (in any case)."""
    by_id = next((user for user in users if user.id == canonical_id(text)), None)
    return by_id or next((u for u in users if u.name.casefold() == text.strip().casefold()), None)


def check_owner(access: Access, users: Sequence[User], configured: str | None) -> tuple[str, ...]:
    """What would stand in the way of a playlist for nobody in particular."""
    if configured and find_user(users, configured) is None:
        return (f"Jellyfin has no user {configured!r}",)
    if not configured and access.me is None:
        return (NO_OWNER,)
    return ()


def assign(
    items: Sequence[PushItem], access: Access, users: Sequence[User], configured: str | None
) -> AccessPlan:
    """Decide who owns each playlist and with whom it is shared."""
    owned: list[OwnedPlaylist] = []
    undecided: set[str] = set()
    problems: list[str] = []
    for item in items:
        names = _names(item, configured)
        found = {name: find_user(users, name) for name in names}
        unknown = [name for name, user in found.items() if user is None]
        ids = tuple(sorted({user.id for user in found.values() if user is not None}))
        problems += [f"Jellyfin has no user {name!r}" for name in unknown]
        if access.me is None and not names:
            problems.append(NO_OWNER)
        if unknown or (access.me is None and not names):
            undecided.add(item.playlist.key)
        owned += _owned(item.playlist, ids, access.me)
    return AccessPlan(tuple(owned), frozenset(undecided), tuple(dict.fromkeys(problems)))


def _owned(playlist: SavedPlaylist, ids: tuple[str, ...], me: User | None) -> list[OwnedPlaylist]:
    if me is None:
        return [OwnedPlaylist(playlist, owner) for owner in ids]
    return [OwnedPlaylist(playlist, me.id, tuple(user for user in ids if user != me.id))]


def _names(item: PushItem, configured: str | None) -> tuple[str, ...]:
    return item.users or ((configured,) if configured else ())
