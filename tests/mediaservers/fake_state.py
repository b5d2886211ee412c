"""What a Jellyfin server remembers: users, tokens, items and playlists, and who sees what."""

from __future__ import annotations

import hashlib
import time
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from tests.mediaservers.fake_looks import FakeLooks
from tests.mediaservers.fake_sockets_open import Sockets
from tests.mediaservers.fake_user_data import Listening

EMPTY_GUID = "0" * 32


class BrokenOffError(Exception):
    """The server failed in the middle of a request."""


def new_id() -> str:
    """A GUID as Jellyfin writes it on the wire."""
    return uuid.uuid4().hex


def guid(text: str) -> str | None:
    """The N form of a GUID; ``None`` when it is none (then Jellyfin drops it silently)."""
    try:
        return uuid.UUID(text).hex
    except ValueError:
        return None


@dataclass(slots=True)
class FakeUser:
    id: str
    name: str
    is_admin: bool
    token: str
    """Of the login that each has made before a test begins."""
    password: str = ""
    is_disabled: bool = False


@dataclass(frozen=True, slots=True)
class FakeLogin:
    """Whose a token is, and from which device."""

    user_id: str
    device_id: str


@dataclass(slots=True)
class FakeItem:
    """An audio item; its id follows from its path, as in the real server."""

    path: str
    name: str
    album: str | None = None
    album_artist: str | None = None
    artists: tuple[str, ...] = ()
    track_number: int | None = None
    duration_s: float = 180.0
    provider_ids: dict[str, str] = field(default_factory=dict)
    hidden_from: frozenset[str] = frozenset()
    """Ids of users whose libraries do not contain it."""
    created_at: str = "2024-01-01T00:00:00.0000000Z"
    """When the server took it in."""
    content: bytes | None = None
    """The file; where neither this nor a source is given, the disk of the server is away."""
    source: str | None = None
    """Where the file is in truth."""
    saved_at: float = field(default_factory=time.time)
    """When the server last wrote it down, by its own clock."""

    @property
    def id(self) -> str:
        return hashlib.md5(f"Audio{self.path}".encode()).hexdigest()


@dataclass(slots=True)
class FakePlaylist:
    id: str
    name: str
    owner: str
    is_public: bool
    shares: dict[str, bool]
    """User id to whether that user may edit."""
    entries: list[str] = field(default_factory=list)
    media_type: str = "Audio"
    looks: FakeLooks = field(default_factory=FakeLooks)

    @property
    def etag(self) -> str:
        """Of when it was saved, in the real server: another one after each change."""
        saved = (self.name, *self.entries, *self.looks.tags)
        return hashlib.md5("\n".join(saved).encode("utf-8", "surrogatepass")).hexdigest()

    def visible_to(self, user_id: str) -> bool:
        return self.is_public or user_id == self.owner or user_id in self.shares

    def editable_by(self, user_id: str) -> bool:
        return user_id == self.owner or self.shares.get(user_id, False)


@dataclass(slots=True)
class FakeSession:
    """A user at a device, and what plays there."""

    user: FakeUser
    device: str
    item_id: str | None = None
    position_s: float = 0.0
    is_paused: bool = False


@dataclass(frozen=True, slots=True)
class Caller:
    """Who sends a request; an API key is an administrator without a user."""

    user: FakeUser | None

    @property
    def is_key(self) -> bool:
        return self.user is None

    @property
    def id(self) -> str:
        return EMPTY_GUID if self.user is None else self.user.id

    @property
    def is_admin(self) -> bool:
        return self.user is None or self.user.is_admin


class State:
    """The server's memory with its version's habits."""

    def __init__(self, version: str) -> None:
        self.version = version
        major, minor = version.split(".")[:2]
        self.release = (int(major), int(minor))
        self.server_id = new_id()
        self.clock: Callable[[], float] | None = None
        """What its answers are dated by; ``None``: the machine's."""
        self.users: dict[str, FakeUser] = {}
        self.api_keys: set[str] = set()
        self.logins: dict[str, FakeLogin] = {}
        """By token: those made through the interface."""
        self.allows_older_headers = self.release < (12, 0)
        """``EnableLegacyAuthorization``, which the administrator may change from 10.11 on."""
        self.items: dict[str, FakeItem] = {}
        self.playlists: dict[str, FakePlaylist] = {}
        self.sessions: list[FakeSession] = []
        self.sockets = Sockets()
        self.listening = Listening()
        self.music_folders: list[str] = ["/media/music"]
        self.looked_at: list[tuple[str, str]] = []
        """Files that it was asked to look at, and why."""
        self.leaks_private_playlists = False
        """Whether they are listed to users who may not read them."""
        self.may_download = True
        """Whether users may download; an API key always may."""
        self.breaks = 0
        self.breaks_after: int | None = None
        """Fail ``breaks`` times when so many tracks of a request have been added; the rest of it
        is not done."""
        self.deleted_music: list[str] = []
        """Paths of music files deleted through the interface: there must never be any."""

    def caller(self, token: str) -> Caller | None:
        """The owner of a token; ``None`` for an unknown one."""
        if token in self.api_keys:
            return Caller(None)
        user = next((user for user in self.users.values() if token and user.token == token), None)
        if user is None and token in self.logins:
            user = self.users.get(self.logins[token].user_id)
        return None if user is None or user.is_disabled else Caller(user)

    def end(self, token: str) -> None:
        """A session ends: its token is accepted no more."""
        self.logins.pop(token, None)
        for user in self.users.values():
            if user.token == token:
                user.token = ""

    def sees(self, user_id: str | None, item_id: str) -> bool:
        """Whether a user sees an item or playlist; without a user everything is seen."""
        if item_id in self.playlists:
            is_open = user_id is None or self.leaks_private_playlists
            return is_open or self.playlists[item_id].visible_to(user_id or "")
        item = self.items.get(item_id)
        return item is not None and (user_id is None or user_id not in item.hidden_from)

    def append(self, playlist: FakePlaylist, ids: Iterable[str], user_id: str) -> None:
        """Add what the acting user sees; before 12 what is there already is dropped."""
        for number, item_id in enumerate(ids):
            if number == self.breaks_after and self.breaks:
                self.breaks -= 1
                raise BrokenOffError
            if item_id not in self.items or not self.sees(user_id, item_id):
                continue
            if self.release < (12, 0) and item_id in playlist.entries:
                continue
            playlist.entries.append(item_id)

    def new_playlist(self, name: str, owner: str, *, is_public: bool) -> FakePlaylist:
        """An empty playlist; names need not be unique."""
        playlist = FakePlaylist(new_id(), name, owner, is_public, {})
        self.playlists[playlist.id] = playlist
        return playlist


def user_dto(state: State, user: FakeUser) -> dict[str, object]:
    """A user on the wire."""
    return {
        "Name": user.name,
        "ServerId": state.server_id,
        "Id": user.id,
        "HasPassword": True,
        "HasConfiguredPassword": True,
        "HasConfiguredEasyPassword": False,
        "EnableAutoLogin": False,
        "Policy": {
            "IsAdministrator": user.is_admin,
            "IsHidden": False,
            "IsDisabled": False,
            "EnableAllFolders": True,
            "EnabledFolders": [],
            "AuthenticationProviderId": "Jellyfin.Server.Implementations.Users.Default",
            "PasswordResetProviderId": "Jellyfin.Server.Implementations.Users.Default",
        },
    }


def item_dto(state: State, item: FakeItem, fields: frozenset[str]) -> dict[str, object]:
    """A track on the wire; ``fields`` (lower case) adds what is given on request only."""
    dto: dict[str, object] = {
        "Name": item.name,
        "ServerId": state.server_id,
        "Id": item.id,
        "Type": "Audio",
        "MediaType": "Audio",
        "IsFolder": False,
        "RunTimeTicks": round(item.duration_s * 10_000_000),
        "Artists": list(item.artists),
        "ArtistItems": [{"Name": name, "Id": _name_id(name)} for name in item.artists],
        "AlbumArtists": [],
    }
    optional = {
        "Album": item.album,
        "AlbumArtist": item.album_artist,
        "IndexNumber": item.track_number,
    }
    dto |= {name: value for name, value in optional.items() if value is not None}
    if item.album is not None:
        dto["AlbumId"] = _name_id(f"{item.album}/{item.album_artist}")
    if "datecreated" in fields:
        dto["DateCreated"] = item.created_at
    if "path" in fields:
        dto["Path"] = item.path
    if "providerids" in fields:
        dto["ProviderIds"] = item.provider_ids
    return dto


def playlist_dto(
    state: State, playlist: FakePlaylist, fields: frozenset[str], *, whole: bool
) -> dict[str, object]:
    """A playlist as an item on the wire; ``whole``: it was asked for by itself."""
    return playlist.looks.dto(fields, whole=whole) | {
        "Name": playlist.name,
        "ServerId": state.server_id,
        "Id": playlist.id,
        "Type": "Playlist",
        "MediaType": playlist.media_type,
        "IsFolder": True,
    }


def _name_id(name: str) -> str:
    return hashlib.md5(name.encode("utf-8", "surrogatepass")).hexdigest()
