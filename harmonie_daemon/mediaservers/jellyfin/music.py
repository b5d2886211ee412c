"""The music of a Jellyfin server by albums, the newest first; pure but for who asks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from harmonie_daemon.domain.catalogue import RemoteTrack
from harmonie_daemon.mediaservers.jellyfin import wire
from harmonie_daemon.store.keys import clean_text

LONGEST_NAME = 300
"""Characters of a title, an album or an artist that are read."""
MOST_ARTISTS = 20
NO_ALBUM = "Unknown album"
NO_TITLE = "Unknown title"


@dataclass(frozen=True, slots=True)
class ServerTrack:
    """One track as the server has it."""

    item: RemoteTrack
    album_id: str | None
    artist: str | None
    """The album's, else the track's first."""
    created_at: str
    """When the server took it in, as it writes times; empty when it does not say."""
    disc: int = 0

    @property
    def title(self) -> str:
        """Its title, in some words at least."""
        return self.item.title or NO_TITLE


@dataclass(frozen=True, slots=True)
class ServerAlbum:
    """Some tracks that belong together, in their order."""

    id: str
    """The server's; of tracks without an album, that of the first."""
    name: str
    created_at: str
    """Of the track that was taken in last."""
    tracks: tuple[ServerTrack, ...]


def parse_server_track(fields: Mapping[str, Any]) -> ServerTrack:
    """Read one audio item, asked for with the fields Path, ProviderIds and DateCreated."""
    item = wire.parse_remote_track(fields)
    artists = tuple(filter(None, (_name(one) for one in item.artists[:MOST_ARTISTS])))
    item = replace(item, title=_name(item.title), album=_name(item.album), artists=artists)
    album_id = _name(fields.get("AlbumId"))
    disc = fields.get("ParentIndexNumber")
    return ServerTrack(
        item,
        None if album_id is None else wire.canonical_id(album_id),
        _name(fields.get("AlbumArtist")) or next(iter(artists), None),
        _name(fields.get("DateCreated")) or "",
        disc if isinstance(disc, int) else 0,
    )


def _name(value: object) -> str | None:
    """A name as it may be shown and kept: it is somebody else's."""
    return clean_text(value[:LONGEST_NAME]) if isinstance(value, str) else None


def albums_of(tracks: Sequence[ServerTrack]) -> list[ServerAlbum]:
    """The albums, the one that grew last first; a track without one stands alone."""
    together: dict[tuple[str, ...], list[ServerTrack]] = defaultdict(list)
    for track in tracks:
        together[_album_key(track)].append(track)
    albums = [_album(members) for members in together.values()]
    albums.sort(key=lambda album: album.id)
    return sorted(albums, key=lambda album: album.created_at, reverse=True)


def _album_key(track: ServerTrack) -> tuple[str, ...]:
    if track.album_id is not None:
        return ("id", track.album_id)
    if track.item.album:
        return ("name", track.item.album, track.artist or "")
    return ("track", track.item.id)


def _album(members: Sequence[ServerTrack]) -> ServerAlbum:
    ordered = sorted(members, key=_place_on_album)
    first = ordered[0]
    return ServerAlbum(
        first.album_id or first.item.id,
        first.item.album or NO_ALBUM,
        max(track.created_at for track in members),
        tuple(ordered),
    )


def _place_on_album(track: ServerTrack) -> tuple[int, float, str, str]:
    number = track.item.track_number
    return track.disc, float("inf") if number is None else number, track.title, track.item.id
