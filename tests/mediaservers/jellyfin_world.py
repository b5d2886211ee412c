"""A Jellyfin stand-in, a target that pushes to it, and a mirrored library."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from harmonie_daemon.domain.track import TrackId, display_path
from harmonie_daemon.mediaservers.jellyfin import JellyfinTarget
from harmonie_daemon.mediaservers.jellyfin.keyring import Keyring
from harmonie_daemon.mediaservers.jellyfin.token_file import TokenFile
from harmonie_daemon.store.meta import Meta
from tests.mediaservers.fake_jellyfin import FakeJellyfin
from tests.mediaservers.fake_state import FakePlaylist, FakeUser
from tests.mediaservers.world import Store

THEIR_ROOT = "/media/music"
NO_FILE = Path("/nowhere/tokens.json")


@dataclass(slots=True)
class World:
    """``me`` owns what is pushed: the token's user, or the user that the API key acts for."""

    fake: FakeJellyfin
    store: Store
    target: JellyfinTarget
    me: FakeUser
    uses_key: bool

    @property
    def keeps_ids(self) -> bool:
        """Whether a refresh keeps the id: only 10.10 with an API key cannot."""
        return not self.uses_key or self.fake.state.release >= (10, 11)

    async def mirror(self) -> None:
        """Let the server know the same files below its own mount point."""
        for key in await self.store.tracks.paths_and_ids():
            track = (await self.store.tracks.get_many([key.id]))[0]
            self.fake.add_item(
                f"{THEIR_ROOT}/{display_path(key.relative_path)}",
                track.tags.title or "untitled",
                album=track.tags.album,
                artists=(track.tags.artist or "",),
                track_number=track.tags.track_number,
                duration_s=track.duration_s,
            )

    def theirs(self, relative_paths: Sequence[str]) -> list[str]:
        """Item ids of files."""
        by_path = {item.path: item.id for item in self.fake.state.items.values()}
        return [by_path[f"{THEIR_ROOT}/{path}"] for path in relative_paths]

    async def expected(self, ids: Sequence[TrackId]) -> list[str]:
        """Item ids of our tracks."""
        tracks = await self.store.tracks.get_many(ids)
        return self.theirs([track.file.relative_path for track in tracks])

    def named(self, name: str) -> FakePlaylist:
        """The one playlist with this name."""
        (found,) = [p for p in self.fake.playlists.values() if p.name == name]
        return found


def make_keyring(
    url: str, token: str | None, meta: Meta, clock: Callable[[], float], tokens: Path = NO_FILE
) -> Keyring:
    """A keyring with a token of the settings, and the logins in a file."""
    return Keyring(url, token, TokenFile(tokens), meta, clock, version="0.1.0")


def make_target(
    fake: FakeJellyfin,
    store: Store,
    token: str | None,
    user: str | None,
    *,
    tokens: Path = NO_FILE,
    **options: object,
) -> JellyfinTarget:
    """A target as the daemon makes it; ``tokens`` is the file of logins."""
    return JellyfinTarget(
        make_keyring(fake.url, token, store.meta, store.clock, tokens),
        user=user,
        tracks=store.tracks,
        catalogues=store.catalogues,
        playlists=store.playlists,
        meta=store.meta,
        clock=store.clock,
        **options,  # type: ignore[arg-type]
    )
