"""Playlists on request."""

from __future__ import annotations

from harmonie_daemon.api.harmonie.playlist_schemas import PlaylistAnswer, PlaylistRequest
from harmonie_daemon.api.harmonie.translate import playlist_answer, playlist_request
from harmonie_daemon.web.endpoint import Call, Later, Nothing


async def build_playlist(call: Call[Nothing, Nothing, PlaylistRequest]) -> Later[PlaylistAnswer]:
    """A playlist in one of the three modes."""
    services = call.services
    request = playlist_request(call.body, services.settings.ranking)
    built = await services.builder.build(request)
    tracks = await services.tracks.get_many([item.track_id for item in built.items])
    return Later(lambda: playlist_answer(built, tracks))
