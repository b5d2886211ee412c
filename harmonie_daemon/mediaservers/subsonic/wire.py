"""What Subsonic servers send, as frozen values; pure parsers that forgive what is merely absent."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from harmonie_daemon.domain.catalogue import RemoteTrack, UserItem
from harmonie_daemon.mediaservers.errors import GarbledError

LONGEST_ID = 200
"""Characters; ids are numbers, UUIDs or short hashes."""
LONGEST_TRACK_S = 2**31
LONGEST_TIME = 40
"""Characters of a point in time."""
_FRACTION = re.compile(r"\.\d+")

GENERIC, MISSING_PARAMETER = 0, 10
BAD_LOGIN, NO_TOKENS, NO_SUCH_LOGIN, TWO_LOGINS, BAD_KEY = 40, 41, 42, 43, 44
NOT_ALLOWED, NOT_FOUND = 50, 70
"""The protocol's error codes that mean something to us."""
LOGIN_ERRORS = frozenset({BAD_LOGIN, NO_TOKENS, NO_SUCH_LOGIN, TWO_LOGINS, BAD_KEY})
MESSAGE_CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class Failure:
    """What a server refused, in its words."""

    code: int
    message: str


@dataclass(frozen=True, slots=True)
class ServerWords:
    """What every answer says of the server."""

    version: str
    """Of the protocol."""
    product: str
    """``navidrome``; empty where the server does not say."""
    is_open: bool
    """Whether it speaks OpenSubsonic."""


@dataclass(frozen=True, slots=True)
class RemoteListing:
    """A playlist as a list of playlists shows it."""

    id: str
    name: str
    owner: str
    comment: str
    count: int | None
    mark: str = ""
    """When it was changed and how much it holds; empty where the server does not say when."""
    is_readonly: bool = False
    """Whether the server fills it itself."""


def envelope(body: object) -> Mapping[str, Any]:
    """What is inside of an answer. Raises ``GarbledError`` when it is no Subsonic server's."""
    inner = body.get("subsonic-response") if isinstance(body, Mapping) else None
    if not isinstance(inner, Mapping) or inner.get("status") not in ("ok", "failed"):
        raise GarbledError("the answer is not a Subsonic server's; is its address right?")
    return inner


def failure(inner: Mapping[str, Any]) -> Failure | None:
    """What was refused, if anything was."""
    if inner["status"] == "ok":
        return None
    error = inner.get("error")
    fields = error if isinstance(error, Mapping) else {}
    code = fields.get("code")
    message = (_text(fields, "message") or "")[:MESSAGE_CHARACTERS]
    return Failure(code if isinstance(code, int) else GENERIC, message)


def parse_words(inner: Mapping[str, Any]) -> ServerWords:
    """Who the server says that it is."""
    return ServerWords(
        _text(inner, "version") or "", _text(inner, "type") or "", inner.get("openSubsonic") is True
    )


def parse_extensions(inner: Mapping[str, Any]) -> frozenset[str]:
    """The names of OpenSubsonic's extensions that it has."""
    rows = inner.get("openSubsonicExtensions")
    return frozenset(name for row in _objects(rows) if (name := _text(row, "name")) is not None)


def parse_songs(inner: Mapping[str, Any], within: str) -> list[RemoteTrack]:
    """The songs of an answer to a search (``within``: ``searchResult3``)."""
    found = inner.get(within)
    rows = found.get("song") if isinstance(found, Mapping) else None
    return [parse_song(row) for row in _objects(rows)]


def parse_song(fields: Mapping[str, Any]) -> RemoteTrack:
    """One song."""
    duration, number = fields.get("duration"), fields.get("track")
    recording = _text(fields, "musicBrainzId")
    return RemoteTrack(
        id=_id(fields),
        path=_text(fields, "path"),
        title=_text(fields, "title"),
        album=_text(fields, "album"),
        artists=_artists(fields),
        track_number=number if isinstance(number, int) else None,
        duration_s=_seconds(duration),
        musicbrainz_ids=frozenset({recording.lower()} if recording else ()),
    )


def parse_user_items(inner: Mapping[str, Any], within: str) -> list[UserItem]:
    """What the account likes and has played, of the songs of such an answer; others left out."""
    found = inner.get(within)
    rows = found.get("song") if isinstance(found, Mapping) else None
    items = [_user_item(row) for row in _objects(rows)]
    return [item for item in items if item.is_favorite or item.plays]


def _user_item(fields: Mapping[str, Any]) -> UserItem:
    given = fields.get("playCount")
    plays = given if isinstance(given, int) and not isinstance(given, bool) else 0
    return UserItem(
        _id(fields),
        _text(fields, "starred") is not None,
        max(0, plays),
        _instant(_text(fields, "played")),
    )


def _instant(text: str | None) -> float | None:
    """A time as servers write it: with or without a fraction or a zone, which then is UTC."""
    if text is None or len(text) > LONGEST_TIME:
        return None
    try:
        time = datetime.fromisoformat(_FRACTION.sub("", text))
        return (time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None


def parse_albums(inner: Mapping[str, Any]) -> list[str]:
    """Ids of the albums of an answer to ``getAlbumList2``."""
    found = inner.get("albumList2")
    rows = found.get("album") if isinstance(found, Mapping) else None
    return [_id(row) for row in _objects(rows)]


def parse_scan_mark(inner: Mapping[str, Any]) -> str:
    """When the last scan ended and how much it found; empty while one is under way."""
    row = inner.get("scanStatus")
    fields = row if isinstance(row, Mapping) else {}
    if fields.get("scanning") is not False:
        return ""
    last = _text(fields, "lastScan")
    return "" if last is None else f"{last[:MESSAGE_CHARACTERS]} {fields.get('count')!r:.20}"


def parse_playlists(inner: Mapping[str, Any]) -> list[RemoteListing]:
    """The playlists of an answer to ``getPlaylists``."""
    found = inner.get("playlists")
    rows = found.get("playlist") if isinstance(found, Mapping) else None
    return [_playlist(row) for row in _objects(rows)]


def parse_created(inner: Mapping[str, Any]) -> RemoteListing | None:
    """The playlist just made; older servers say nothing."""
    row = inner.get("playlist")
    return _playlist(row) if isinstance(row, Mapping) else None


def parse_entries(inner: Mapping[str, Any]) -> list[str]:
    """Ids of the entries of a playlist, in order."""
    row = inner.get("playlist")
    if not isinstance(row, Mapping):
        raise GarbledError("the server sent something else than a playlist")
    return [_id(entry) for entry in _objects(row.get("entry"))]


def _playlist(fields: Mapping[str, Any]) -> RemoteListing:
    count, changed = fields.get("songCount"), _text(fields, "changed")
    return RemoteListing(
        _id(fields),
        _text(fields, "name") or "",
        _text(fields, "owner") or "",
        _text(fields, "comment") or "",
        count if isinstance(count, int) else None,
        f"{changed[:LONGEST_TIME]} {count!r:.20}" if changed else "",
        fields.get("readonly") is True,
    )


def _artists(fields: Mapping[str, Any]) -> tuple[str, ...]:
    """Every name once: the artists one by one where the server tells them apart, then the line."""
    names = [
        name
        for member in ("artists", "albumArtists")
        for row in _objects(fields.get(member))
        if (name := _text(row, "name"))
    ]
    lines = [_text(fields, member) for member in ("artist", "displayArtist", "displayAlbumArtist")]
    return tuple(dict.fromkeys([*names, *filter(None, lines)]))


def _seconds(value: object) -> float | None:
    return float(value) if isinstance(value, int) and 0 < value < LONGEST_TRACK_S else None


def _objects(rows: object) -> Iterator[Mapping[str, Any]]:
    """The objects of a list; a list of one is an object with some servers."""
    if isinstance(rows, Mapping):
        yield rows
    elif isinstance(rows, Sequence) and not isinstance(rows, str):
        yield from (row for row in rows if isinstance(row, Mapping))


def _text(fields: Mapping[str, Any], name: str) -> str | None:
    value = fields.get(name)
    return value if isinstance(value, str) else None


def _id(fields: Mapping[str, Any]) -> str:
    """Ids are text by the protocol, and numbers with some servers."""
    value = fields.get("id")
    text = str(value) if isinstance(value, (str, int)) and not isinstance(value, bool) else ""
    if not 0 < len(text) <= LONGEST_ID or not text.isprintable():
        raise GarbledError("the server sent something without an id")
    return text
