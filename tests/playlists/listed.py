"""Own playlists of listeners, as the store has them once a server was read."""

from __future__ import annotations

from collections.abc import Sequence

from harmonie_daemon.domain.catalogue import MatchedBy, RemoteTrack
from harmonie_daemon.domain.track import TrackId
from harmonie_daemon.store.catalogue import Catalogues
from harmonie_daemon.store.database import Database
from harmonie_daemon.store.listener_lists import ListenerLists

PLACE = "jellyfin"


async def put_in_lists(database: Database, listener: str, *lists: Sequence[TrackId]) -> None:
    """The listener has these playlists, and no others."""
    catalogues = Catalogues(database)
    state = await catalogues.open(PLACE, "a server", "http://there", "", 0.0)
    tracks = sorted({track for one in lists for track in one})
    items = [
        RemoteTrack(f"item {track}", None, None, None, (), None, None, frozenset())
        for track in tracks
    ]
    await catalogues.keep(state, [(item, ()) for item in items])
    await catalogues.save_matches(
        state, [(track, f"item {track}", MatchedBy.PATH) for track in tracks]
    )
    kept = ListenerLists(database, PLACE)
    await kept.show(listener, {f"list {number}": "read" for number in range(len(lists))}, 1.0)
    for one in await kept.unread(0.0, len(lists)):
        number = int(one.remote_id.removeprefix("list "))
        assert await kept.save(one, [f"item {track}" for track in lists[number]], 1.0)
