"""What is configured, and which playlists there are."""

from __future__ import annotations

from pathlib import PurePath

from harmonie_daemon.api.audiomuse.answers import Configuration, PlaylistSong
from harmonie_daemon.api.audiomuse.deps import AudiomuseCall
from harmonie_daemon.api.audiomuse.login import MASK
from harmonie_daemon.domain.mood import MOOD_LABELS
from harmonie_daemon.domain.remote_files import is_server_root
from harmonie_daemon.domain.track import Track, display_path
from harmonie_daemon.playlists.clusters.clustering import MAKER
from harmonie_daemon.web.answers import Later
from harmonie_daemon.web.endpoint import Nothing

NO_AUTHOR = "Unknown Artist"


async def get_config(call: AudiomuseCall[Nothing, Nothing, Nothing]) -> Configuration:
    """What is asked for where a request does not say."""
    settings = call.deps.settings
    jellyfin, usual = settings.jellyfin, settings.clustering
    user_id = None
    if jellyfin.url is not None:
        user_id = await call.deps.known_user.id(jellyfin.url, jellyfin.user)
    return Configuration(
        jellyfin_url=jellyfin.url or "",
        jellyfin_user_id=user_id or jellyfin.user or "",
        jellyfin_token="" if await call.deps.own_credential() is None else MASK,
        mood_labels=[f"mood/{label}" for label in MOOD_LABELS],
        num_recent_albums=settings.analysis.num_recent_albums,
        top_n_moods=settings.analysis.top_n_moods,
        cluster_algorithm=usual.method,
        clustering_runs=usual.runs,
        **usual.model_dump(exclude={"method", "runs", "seed", "top_n_moods"}),
    )


async def get_playlists(
    call: AudiomuseCall[Nothing, Nothing, Nothing],
) -> Later[dict[str, list[PlaylistSong]]]:
    """The playlists of clusterings by name, in the order in which they play."""
    deps = call.deps
    saved = await deps.playlists.by_maker(MAKER)
    ids = list(dict.fromkeys(track for one in saved for track in one.track_ids))
    tracks = {track.id: track for track in await deps.tracks.get_many(ids)}
    item_ids = await deps.item_ids(ids)

    def make() -> dict[str, list[PlaylistSong]]:
        by_name: dict[str, list[PlaylistSong]] = {}
        for playlist in saved:
            songs = [
                _song(tracks[track_id], item_ids.get(track_id))
                for track_id in playlist.track_ids
                if track_id in tracks
            ]
            by_name.setdefault(playlist.name, []).extend(songs)
        return by_name

    return Later(make)


def _song(track: Track, item_id: str | None) -> PlaylistSong:
    tags, file = track.tags, track.file
    own = file.relative_path if is_server_root(file.root) else str(track.id)
    return PlaylistSong(
        item_id=item_id or own,
        title=tags.title or display_path(PurePath(track.file.relative_path).stem),
        author=tags.artist or tags.album_artist or NO_AUTHOR,
    )
