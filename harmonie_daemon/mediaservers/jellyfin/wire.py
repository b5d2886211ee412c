"""What Jellyfin sends, as frozen values; pure parsers that forgive what is merely absent."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from harmonie_daemon.domain.catalogue import RemoteTrack
from harmonie_daemon.domain.errors import MediaServerError
from harmonie_daemon.mediaservers.errors import GarbledError

TICKS_PER_SECOND = 10_000_000
PLAYLIST_TYPE = "Playlist"
_VERSION = re.compile(r"(\d{1,4})\.(\d{1,4})(?:\.(\d{1,4}))?", re.ASCII)
_LONGEST_USER_NAME = 255
"""As in Jellyfin's own database."""
_LONGEST_IMAGE_NAME = 64
_LONGEST_ETAG = 64
"""Characters; they are digests of 32."""
_MOST_IMAGES = 4
"""Names of 32 digits, one of the cover and one of our backdrop; more are somebody else's."""
_TO_THE_SECOND = 19
"""Characters of a point in time."""
_ID = re.compile(r"[0-9a-f]{1,32}")
_LONGEST_TRACK_TICKS = 2**62
"""Beyond it, a number of ticks is nonsense that would not even fit into a float."""


@dataclass(frozen=True, slots=True)
class ServerInfo:
    """What a server says of itself before anyone has logged in."""

    id: str
    name: str
    version: tuple[int, int, int]
    at: float | None = None
    """Its clock as it said so (Unix time), where it did."""

    @property
    def version_text(self) -> str:
        """The version as people write it."""
        return ".".join(str(part) for part in self.version)


@dataclass(frozen=True, slots=True)
class User:
    """A Jellyfin user."""

    id: str
    name: str
    is_admin: bool


@dataclass(frozen=True, slots=True)
class RemoteItem:
    """Any item of the server, as far as telling a playlist from music needs."""

    id: str
    name: str
    type: str
    child_count: int | None = None
    """Entries of a playlist; ``None`` when the server does not say."""
    can_delete: bool = False
    """Whether the user who was asked as may delete it, where that was asked for."""
    tags: tuple[str, ...] = ()
    """Where they were asked for."""
    images: str = ""
    """Names of its cover and its backdrops, which change with them; empty where there are none."""
    backdrops: int = 0
    created_at: str = ""
    """As the server writes times; where that was asked for."""
    etag: str = ""
    """A digest of when it was last saved; where that was asked for."""

    @property
    def is_playlist(self) -> bool:
        """Whether this is a playlist, which alone may be deleted."""
        return self.type == PLAYLIST_TYPE


@dataclass(frozen=True, slots=True)
class ItemPage:
    """Some of the rows of a listing."""

    rows: tuple[Mapping[str, Any], ...]
    total: int | None
    """Rows there are in all; ``None`` when the server was not asked to count."""
    at: float | None = None
    """The server's own clock (Unix time), where it says."""


def canonical_id(text: str) -> str:
    """A GUID as Jellyfin writes it: 32 lower-case hexadecimal digits, no hyphens."""
    return text.replace("-", "").strip().lower()


def parse_server_info(body: object, at: float | None = None) -> ServerInfo:
    """Read ``/System/Info/Public``. Raises ``MediaServerError`` when it is no Jellyfin's."""
    fields = _object(body, "server information")
    match = _VERSION.match(_text(fields, "Version") or "")
    if match is None:
        raise MediaServerError("the server does not say its version; is this a Jellyfin server?")
    version = (int(match[1]), int(match[2]), int(match[3] or 0))
    name = _text(fields, "ServerName") or "Jellyfin"
    return ServerInfo(_text(fields, "Id") or "", name, version, at)


def parse_user(body: object) -> User:
    """Read one user."""
    fields = _object(body, "user")
    policy = fields.get("Policy")
    is_admin = isinstance(policy, Mapping) and policy.get("IsAdministrator") is True
    name = (_text(fields, "Name") or "")[:_LONGEST_USER_NAME]
    shown = "".join(sign if sign.isprintable() else "\ufffd" for sign in name)  # at terminals, too
    return User(_id(fields), shown, is_admin)


def parse_users(body: object) -> tuple[User, ...]:
    """Read ``/Users``."""
    return tuple(parse_user(row) for row in _list(body, "list of users"))


def parse_page(body: object, at: float | None = None) -> ItemPage:
    """Read a query result; its rows are left to the parser of their kind."""
    fields = _object(body, "query result")
    rows = tuple(_object(row, "item") for row in _list(fields.get("Items"), "list of items"))
    total = fields.get("TotalRecordCount")
    return ItemPage(rows, total if isinstance(total, int) else None, at)


def parse_remote_track(fields: Mapping[str, Any]) -> RemoteTrack:
    """Read one audio item, asked for with the fields Path and ProviderIds."""
    number = fields.get("IndexNumber")
    return RemoteTrack(
        id=_id(fields),
        path=_text(fields, "Path"),
        title=_text(fields, "Name"),
        album=_text(fields, "Album"),
        artists=_artists(fields),
        track_number=number if isinstance(number, int) else None,
        duration_s=_seconds(fields.get("RunTimeTicks")),
        musicbrainz_ids=_musicbrainz_ids(fields.get("ProviderIds")),
    )


def parse_remote_item(fields: Mapping[str, Any]) -> RemoteItem:
    """Read any item; ChildCount, CanDelete, Tags, DateCreated, Etag are there where asked for."""
    count = fields.get("ChildCount")
    backdrops = _texts(fields.get("BackdropImageTags"))
    return RemoteItem(
        _id(fields),
        _text(fields, "Name") or "",
        _text(fields, "Type") or "",
        count if isinstance(count, int) else None,
        fields.get("CanDelete") is True,
        _texts(fields.get("Tags")),
        _image_names(fields.get("ImageTags"), backdrops),
        len(backdrops),
        _text(fields, "DateCreated") or "",
        (_text(fields, "Etag") or "")[:_LONGEST_ETAG],
    )


def parse_entry_id(fields: Mapping[str, Any]) -> str:
    """The id by which an entry of a playlist is removed: the track's own, in canonical form."""
    entry = canonical_id(_text(fields, "PlaylistItemId") or "")
    return entry if _ID.fullmatch(entry) else _id(fields)


def parse_item(body: object) -> RemoteItem:
    """Read an item that was asked for by its id."""
    return parse_remote_item(_object(body, "item"))


def parse_created_id(body: object) -> str:
    """The id of a playlist just created."""
    return _id(_object(body, "created playlist"))


def parse_item_ids(body: object) -> list[str]:
    """The ids of the tracks of a playlist, in canonical form, in order."""
    ids = _list(_object(body, "playlist").get("ItemIds"), "list of ids")
    return [canonical_id(one) for one in ids if isinstance(one, str)]


def instant(value: object) -> float | None:
    """Unix time of what .NET writes: UTC, with up to seven digits of a second."""
    if not isinstance(value, str) or len(value) < _TO_THE_SECOND:
        return None
    try:
        return datetime.fromisoformat(value[:_TO_THE_SECOND]).replace(tzinfo=UTC).timestamp()
    except (ValueError, OverflowError):
        return None


def _texts(value: object) -> tuple[str, ...]:
    return tuple(one for one in value if isinstance(one, str)) if isinstance(value, list) else ()


def _image_names(primary: object, backdrops: Sequence[str]) -> str:
    """What the server calls the images, cut to what is worth remembering."""
    cover = primary.get("Primary") if isinstance(primary, Mapping) else None
    names = (cover if isinstance(cover, str) else "", *backdrops)
    return " ".join(name[:_LONGEST_IMAGE_NAME] for name in names[:_MOST_IMAGES]).strip()


def _seconds(ticks: object) -> float | None:
    if not isinstance(ticks, int) or not 0 <= ticks < _LONGEST_TRACK_TICKS:
        return None
    return ticks / TICKS_PER_SECOND


def _artists(fields: Mapping[str, Any]) -> tuple[str, ...]:
    """Every artist's name once: of the track, then of the album."""
    track_artists = fields.get("Artists")
    names = list(track_artists) if isinstance(track_artists, list) else []
    names.append(fields.get("AlbumArtist"))
    return tuple(dict.fromkeys(name for name in names if isinstance(name, str) and name))


def _musicbrainz_ids(providers: object) -> frozenset[str]:
    """Ids of the recording or the track; newer servers tell the two apart, older ones do not."""
    if not isinstance(providers, Mapping):
        return frozenset()
    return frozenset(
        value.lower()
        for key, value in providers.items()
        if str(key).lower() in ("musicbrainztrack", "musicbrainzrecording")
        and isinstance(value, str)
        and value
    )


def _object(body: object, what: str) -> Mapping[str, Any]:
    if not isinstance(body, Mapping):
        raise GarbledError(f"Jellyfin sent something else than a {what}")
    return body


def _list(body: object, what: str) -> Sequence[object]:
    if not isinstance(body, list):
        raise GarbledError(f"Jellyfin sent something else than a {what}")
    return body


def _text(fields: Mapping[str, Any], name: str) -> str | None:
    value = fields.get(name)
    return value if isinstance(value, str) else None


def _id(fields: Mapping[str, Any]) -> str:
    value = canonical_id(_text(fields, "Id") or "")
    if not _ID.fullmatch(value):  # it becomes part of an address
        raise GarbledError("Jellyfin sent an item without an id")
    return value


def parse_music_folders(body: object) -> list[str]:
    """The folders of the libraries that hold music. Raises ``GarbledError``."""
    if not isinstance(body, list):
        raise GarbledError("Jellyfin's libraries are no list")
    libraries = [one for one in body if isinstance(one, Mapping)]
    return [
        folder
        for one in libraries
        if one.get("CollectionType") == "music" and isinstance(one.get("Locations"), list)
        for folder in one["Locations"]
        if isinstance(folder, str)
    ]
