"""What a Subsonic server knows of our account's listening: it is told with every song."""

from __future__ import annotations

from harmonie_daemon.domain.catalogue import UserItem
from harmonie_daemon.mediaservers.errors import GarbledError
from harmonie_daemon.mediaservers.subsonic.client import PAGE_SIZE, SubsonicClient

ALBUMS_AT_ONCE = 50
MOST_SONGS = 1_000_000
"""Several times the largest library; a server that goes on for ever is none."""


async def user_items(client: SubsonicClient) -> list[UserItem]:
    """What the account likes or has played: by a search for nothing, else album by album."""
    found: list[UserItem] = []
    start = 0
    while True:
        count, items = await client.user_items_page(start, PAGE_SIZE)
        found += items
        start += count
        if start > MOST_SONGS:
            raise GarbledError("the Subsonic server lists songs without end; is it one?")
        if count < PAGE_SIZE:
            return found if start else await _by_albums(client)


async def _by_albums(client: SubsonicClient) -> list[UserItem]:
    found: list[UserItem] = []
    start = 0
    while albums := await client.albums_page(start, ALBUMS_AT_ONCE):
        for album in albums:
            found += await client.user_items_of(album)
        start += len(albums)
        if start > MOST_SONGS:
            raise GarbledError("the Subsonic server lists albums without end; is it one?")
    return found
