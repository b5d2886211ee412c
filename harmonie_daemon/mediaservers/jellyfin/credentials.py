"""Which of our credentials does what at a Jellyfin server; pure.

An API key is an administrator without a user. The token of a user acts as that user. What each may
do with a playlist depends on who owns the playlist and on the version of the server; the tables
below are read out of the sources of Jellyfin 10.10.7, 10.11.11 and 12.0, and are the reason that
nothing is tried out to learn that it is refused.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, StrEnum, auto

from harmonie_daemon.mediaservers.jellyfin.wire import User

KEY_REMOVES_ENTRIES = (10, 11, 0)
"""From this version on an API key may remove entries of a playlist."""

Version = tuple[int, int, int]


class JellyfinOperation(StrEnum):
    """What is asked of a server. Those up to ``TAGS`` concern a playlist and its owner."""

    CREATE = "create playlists"
    READ_ENTRIES = "read playlists"
    READ_IDS = "list what is in a playlist in one answer"
    """With its shares; for those who see it."""
    REPLACE = "replace contents at once"
    REMOVE_ENTRIES = "remove entries"
    EDIT_PLAYLIST = "edit playlists"
    """Change what is in one, in whichever way is open: see ``JellyfinCredentials.ways``."""
    RENAME = "rename playlists"
    DELETE = "delete playlists"
    COVER = "set covers"
    TAGS = "set tags"
    USER_DATA = "read plays and favourites"
    """Of one user."""
    SOCKET = "hear of changes at once"
    """As one user, or as anybody."""
    SESSIONS = "see what is played"
    """By one user, or by all."""
    USERS = "list users"
    TRACKS = "list tracks"
    LIBRARY = "see library folders"
    """And ask for a scan of them."""


OF_A_PLAYLIST = frozenset(
    {
        JellyfinOperation.CREATE,
        JellyfinOperation.READ_ENTRIES,
        JellyfinOperation.READ_IDS,
        JellyfinOperation.REPLACE,
        JellyfinOperation.REMOVE_ENTRIES,
        JellyfinOperation.EDIT_PLAYLIST,
        JellyfinOperation.RENAME,
        JellyfinOperation.DELETE,
        JellyfinOperation.COVER,
        JellyfinOperation.TAGS,
    }
)


@dataclass(frozen=True, slots=True)
class Credential:
    """A token and whose it is."""

    token: str = field(repr=False)
    user: User | None
    """``None``: an API key."""
    device_id: str
    """What a server knows the holder of the token by: each login has its own."""
    is_configured: bool = False
    """Whether the operator wrote it into the settings."""

    @property
    def is_key(self) -> bool:
        """Whether this is an API key."""
        return self.user is None

    @property
    def is_admin(self) -> bool:
        """Whether administrators' requests are open to it."""
        return self.user is None or self.user.is_admin


@dataclass(frozen=True, slots=True)
class Ways:
    """The open ways of changing the contents of a playlist; without any it is made anew."""

    replace_contents: bool
    """One request that replaces everything and may rename and share."""
    remove_entries: bool
    """Entries can be removed and added one by one."""


class _Standing(Enum):
    """What a credential is to the owner of a playlist, or to the user it is about."""

    OWN = auto()
    """The user's own token."""
    OWN_ADMIN = auto()
    """As above, and the user is an administrator."""
    KEY = auto()
    ADMIN_SEES = auto()
    """Another administrator, with whom the playlist is shared."""
    ADMIN = auto()
    """Another administrator: private playlists do not exist for them."""
    OTHER = auto()
    """Another user."""


_OWN, _OWN_ADMIN, _KEY = _Standing.OWN, _Standing.OWN_ADMIN, _Standing.KEY
_ADMIN_SEES, _ADMIN, _OTHER = _Standing.ADMIN_SEES, _Standing.ADMIN, _Standing.OTHER

_ELEVATED = (_OWN_ADMIN, _KEY, _ADMIN_SEES)
_BY_USER_ID = (_OWN_ADMIN, _OWN, _KEY, _ADMIN_SEES, _ADMIN)
"""Requests that name the user they act for: administrators may name anybody."""

_PREFERENCE: Mapping[JellyfinOperation, Sequence[_Standing]] = {
    JellyfinOperation.CREATE: _BY_USER_ID,
    JellyfinOperation.READ_ENTRIES: _BY_USER_ID,
    JellyfinOperation.READ_IDS: (_OWN_ADMIN, _OWN, _ADMIN_SEES),
    JellyfinOperation.REPLACE: (_OWN_ADMIN, _OWN),
    JellyfinOperation.REMOVE_ENTRIES: (_OWN_ADMIN, _OWN, _KEY),
    JellyfinOperation.EDIT_PLAYLIST: (_OWN_ADMIN, _OWN, _KEY),
    JellyfinOperation.RENAME: (_OWN_ADMIN, _OWN, _KEY, _ADMIN_SEES),
    JellyfinOperation.DELETE: (_OWN_ADMIN, _OWN, _KEY, _ADMIN_SEES),
    JellyfinOperation.COVER: _ELEVATED,
    JellyfinOperation.TAGS: _ELEVATED,
    JellyfinOperation.USER_DATA: _BY_USER_ID,
    JellyfinOperation.SOCKET: (_OWN_ADMIN, _OWN),
    JellyfinOperation.SESSIONS: (_KEY, _OWN_ADMIN, _ADMIN_SEES, _ADMIN, _OWN),
}
"""Who may do what that is about one user, the best first."""

_OF_NOBODY: Mapping[JellyfinOperation, Sequence[_Standing]] = {
    JellyfinOperation.SOCKET: (_ADMIN, _OTHER),
    JellyfinOperation.SESSIONS: (_KEY, _ADMIN),
    JellyfinOperation.USERS: (_KEY, _ADMIN, _OTHER),
    JellyfinOperation.TRACKS: (_KEY, _ADMIN, _OTHER),
    JellyfinOperation.LIBRARY: (_KEY, _ADMIN),
}
"""Who may do what is about no user in particular, the best first."""


@dataclass(frozen=True, slots=True)
class JellyfinCredentials:
    """Everything we hold that one server accepts, the configured one first."""

    version: Version
    held: tuple[Credential, ...]

    def best_for(
        self,
        operation: JellyfinOperation,
        user: str | None = None,
        *,
        shared_with: Collection[str] = (),
    ) -> Credential | None:
        """The credential to do this with; ``None`` when none of ours may.

        ``user`` is the id of the owner of the playlist, or of whom else the operation is about;
        ``shared_with`` are ids of users who may read the playlist. What is about a playlist
        always has a user; ``USERS``, ``TRACKS`` and ``LIBRARY`` have none.
        """
        if user is None and operation not in _OF_NOBODY:
            raise ValueError(f"{operation.name} is about a user: say which")
        order = _OF_NOBODY[operation] if user is None else _PREFERENCE.get(operation)
        if order is None:
            raise ValueError(f"{operation.name} is about no user")
        allowed = [
            (order.index(standing), place, one)
            for place, one in enumerate(self.held)
            if (standing := _standing(one, user, shared_with)) in order
            and self._is_open(operation, standing)
        ]
        return min(allowed)[2] if allowed else None

    def ways(self, credential: Credential, owner: str) -> Ways:
        """How this credential may change a playlist of the user."""
        standing = _standing(credential, owner, ())
        return Ways(
            replace_contents=standing in _PREFERENCE[JellyfinOperation.REPLACE],
            remove_entries=standing in _PREFERENCE[JellyfinOperation.REMOVE_ENTRIES]
            and self._is_open(JellyfinOperation.REMOVE_ENTRIES, standing),
        )

    def of(self, user: str) -> Credential | None:
        """The user's own token."""
        return next((one for one in self.held if one.user and one.user.id == user), None)

    @property
    def key(self) -> Credential | None:
        """The API key."""
        return next((one for one in self.held if one.is_key), None)

    @property
    def service(self) -> Credential | None:
        """Who owns and shares playlists for others: the configured user, or an administrator."""
        users = [one for one in self.held if one.user is not None]
        return next((one for one in users if one.is_configured or one.is_admin), None)

    def abilities(self, credential: Credential) -> tuple[JellyfinOperation, ...]:
        """What this one may do for its own user, or for any if it is a key, and in general."""
        alone = JellyfinCredentials(self.version, (credential,))
        user = "" if credential.user is None else credential.user.id
        return tuple(
            operation
            for operation in JellyfinOperation
            if (operation in _PREFERENCE and alone.best_for(operation, user))
            or (operation in _OF_NOBODY and alone.best_for(operation))
        )

    def _is_open(self, operation: JellyfinOperation, standing: _Standing) -> bool:
        """Whether this version lets them."""
        is_edit = operation in (JellyfinOperation.REMOVE_ENTRIES, JellyfinOperation.EDIT_PLAYLIST)
        return not (is_edit and standing is _KEY and self.version < KEY_REMOVES_ENTRIES)


def _standing(credential: Credential, user: str | None, shared_with: Collection[str]) -> _Standing:
    me = credential.user
    if me is None:
        return _KEY
    if me.id == user:
        return _OWN_ADMIN if me.is_admin else _OWN
    if not me.is_admin:
        return _OTHER
    return _ADMIN_SEES if me.id in shared_with else _ADMIN
