"""Playlists on request."""

from __future__ import annotations

from harmonie_daemon.api.harmonie.deps import HarmonieCall
from harmonie_daemon.api.harmonie.playlist_schemas import PlaylistAnswer, PlaylistRequest
from harmonie_daemon.api.harmonie.translate import playlist_answer, playlist_request
from harmonie_daemon.web.answers import Later
from harmonie_daemon.web.endpoint import Nothing


async def build_playlist(
    call: HarmonieCall[Nothing, Nothing, PlaylistRequest],
) -> Later[PlaylistAnswer]:
    """A playlist in one of the three modes."""
    deps = call.deps
    request = playlist_request(call.body, deps.settings.ranking)
    built = await deps.builder.build(request)
    tracks = await deps.tracks.get_many([item.track_id for item in built.items])
    return Later(lambda: playlist_answer(built, tracks))
