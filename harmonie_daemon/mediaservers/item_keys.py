"""By what their items are found again: digests of paths, ids and names; pure."""

from __future__ import annotations

from hashlib import blake2b

from harmonie_daemon.domain.catalogue import RemoteTrack
from harmonie_daemon.domain.text import text_key
from harmonie_daemon.mediaservers.path_mapping import Parts, folded_parts
from harmonie_daemon.store.catalogue_items import Keyed, cleaned


def keyed(item: RemoteTrack) -> Keyed:
    """An item as it is kept, and how it is found again."""
    item = cleaned(item)
    return item, item_keys(item)


def item_keys(item: RemoteTrack) -> frozenset[int]:
    """Digests of all that an item can be recognised by: its path, its ids, its names."""
    keys = {musicbrainz_key(one) for one in item.musicbrainz_ids}
    if item.path is not None:
        keys.add(path_key(folded_parts(item.path)))
    title = text_key(item.title)
    if title is not None:
        artists = filter(None, (text_key(name) for name in item.artists))
        keys.update(name_key(artist, title) for artist in artists)
    return frozenset(keys)


def path_key(parts: Parts) -> int:
    """Of a path, folded."""
    return _digest("path", *parts)


def musicbrainz_key(musicbrainz_id: str) -> int:
    """Of a recording's or a track's id, in lower case."""
    return _digest("musicbrainz", musicbrainz_id)


def name_key(artist: str, title: str) -> int:
    """Of an artist's and a title's comparison keys."""
    return _digest("name", artist, title)


def _digest(*parts: str) -> int:
    """64 bits, signed: of a million items two have the same once in forty million libraries."""
    text = "\0".join(parts).encode("utf-8", "replace")
    return int.from_bytes(blake2b(text, digest_size=8).digest(), "big", signed=True)
