"""For whom a playlist is made on a server, and who owns it there; pure.

A user who is logged in owns their playlists. For others a service user, an administrator or the
user of the settings, owns them and shares them; with nothing but an API key each user gets
playlists of their own. What stands stays with its owner as long as any credential can keep it: a
playlist that changes its owner is another one for every player.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from harmonie_daemon.domain.errors import MediaServerError
from harmonie_daemon.domain.playlist import SavedPlaylist
from harmonie_daemon.domain.track import TrackId
from harmonie_daemon.mediaservers.jellyfin.credentials import JellyfinCredentials
from harmonie_daemon.mediaservers.jellyfin.visit import Visit, login_command
from harmonie_daemon.mediaservers.jellyfin.wire import ServerInfo, User, canonical_id
from harmonie_daemon.mediaservers.place import Holding
from harmonie_daemon.mediaservers.push import PushItem

NO_OWNER = "an API key belongs to no user; set HARMONIE_JELLYFIN_USER"
OLDEST_VERSION = (10, 10, 0)


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


def usual_user(credentials: JellyfinCredentials) -> User | None:
    """Whose playlists are those for nobody in particular; ``None`` with nothing but a key."""
    users = [one.user for one in credentials.held if one.user is not None]
    return credentials.service.user if credentials.service else next(iter(users), None)


def check_owner(visit: Visit, users: Sequence[User], configured: str | None) -> tuple[str, ...]:
    """What would stand in the way of a playlist for nobody in particular."""
    if configured and find_user(users, configured) is None:
        return (f"Jellyfin has no user {configured!r}",)
    if not configured and usual_user(visit.credentials) is None:
        return (NO_OWNER,)
    return ()


def assign(
    items: Sequence[PushItem],
    visit: Visit,
    users: Sequence[User],
    configured: str | None,
    standing: Collection[Holding],
) -> AccessPlan:
    """Decide who owns each playlist and with whom it is shared.

    ``standing``: what we have there already.
    """
    owners = _Owners(visit, standing)
    owned: list[OwnedPlaylist] = []
    undecided: set[str] = set()
    problems: list[str] = []
    for item in items:
        key = item.playlist.key
        wanted_by, missing = _wanted_by(item, visit, users, configured)
        found = {user: owners.owner(key, user.id) for user in wanted_by}
        unmade = [
            f"nobody who is logged in at Jellyfin may make playlists for {user.name!r}: "
            f"run {login_command(user.name)}"
            for user, owner in found.items()
            if owner is None and not owners.is_lost(user.id)
        ]
        if missing or None in found.values():
            undecided.add(key)
        if not item.is_offer:
            problems += [*missing, *unmade]
        owned += _owned(item.playlist, found)
    return AccessPlan(tuple(owned), frozenset(undecided), tuple(dict.fromkeys(problems)))


class _Owners:
    """Who owns what is for whom."""

    def __init__(self, visit: Visit, standing: Collection[Holding]) -> None:
        self._credentials = visit.credentials
        self._standing = standing
        self._lost = {one.user.id for one in visit.lost}
        self._lost_admins = {one.user.id for one in visit.lost if one.user.is_admin}
        self._is_somebody_lost = any(
            one.credential is None and one.kept is None for one in visit.tried
        )

    def is_lost(self, user: str) -> bool:
        """Whether the user's own login does not work, which has been said."""
        return user in self._lost

    def owner(self, key: str, user: str) -> str | None:
        """The owner of the playlist that this user is to have; ``None``: nobody just now."""
        credentials = self._credentials
        own, service = credentials.of(user), credentials.service
        if (key, user) in self._standing:
            return user if own or credentials.key else None
        if service and service.user and (key, service.user.id) in self._standing:
            return service.user.id
        if self._is_held_by_a_lost_one(key):
            return None
        if own:
            return user
        if service and service.user:
            return service.user.id
        return user if credentials.key else None

    def _is_held_by_a_lost_one(self, key: str) -> bool:
        """Whether it may be shared by somebody whose token does not work, and will again.

        Made anew meanwhile it would be there twice.
        """
        holders = {holder for one, holder in self._standing if one == key}
        if self._is_somebody_lost and not self._credentials.key:
            return any(self._credentials.of(holder) is None for holder in holders)
        return not holders.isdisjoint(self._lost_admins)


def _wanted_by(
    item: PushItem, visit: Visit, users: Sequence[User], configured: str | None
) -> tuple[list[User], list[str]]:
    """The users who are to have it, by their ids, and what stands in the way of others."""
    names = _names(item, configured)
    if not names:
        usual = usual_user(visit.credentials)
        return ([], [NO_OWNER]) if usual is None else ([usual], [])
    found = {name: find_user(users, name) for name in names}
    missing = [f"Jellyfin has no user {name!r}" for name, user in found.items() if user is None]
    known = {user.id: user for user in found.values() if user is not None}
    return [known[one] for one in sorted(known)], missing


def _owned(playlist: SavedPlaylist, found: Mapping[User, str | None]) -> list[OwnedPlaylist]:
    """One for each owner, shared with whom else it is for."""
    owners = dict.fromkeys(owner for owner in found.values() if owner is not None)
    return [
        OwnedPlaylist(
            playlist,
            owner,
            tuple(user.id for user, one in found.items() if one == owner and user.id != owner),
        )
        for owner in owners
    ]


def _names(item: PushItem, configured: str | None) -> tuple[str, ...]:
    return item.users or ((configured,) if configured else ())
