"""Playlists that users of a Jellyfin stand-in ask for by a name, and rounds that fill them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from harmonie_daemon.domain.errors import BadRequestError, HarmonieError
from harmonie_daemon.domain.track import TrackId
from harmonie_daemon.mediaservers.jellyfin.keyring import Keyring
from harmonie_daemon.mediaservers.jellyfin.own_lists import JellyfinOwnLists
from harmonie_daemon.mediaservers.jellyfin.token_file import KeptToken, TokenFile
from harmonie_daemon.mediaservers.jellyfin.wire import User
from harmonie_daemon.playlists.prefixes import PlaylistWish
from harmonie_daemon.store.prefix_lists import PrefixLists
from harmonie_daemon.tasks.prefix_rounds import PrefixRounds
from tests.mediaservers.fake_jellyfin import FakeJellyfin
from tests.mediaservers.fake_state import FakePlaylist, FakeUser
from tests.mediaservers.world import Store


@dataclass
class PrefixWorld:
    """``tracks`` are on both sides; wishes get those of even places, from ``turn`` on."""

    fake: FakeJellyfin
    store: Store
    folder: Path
    token: str | None
    tracks: list[TrackId] = field(default_factory=list)
    items: list[str] = field(default_factory=list)
    turn: int = 0
    renewals: int = 0
    asked: list[tuple[PlaylistWish, list[TrackId | None], str]] = field(default_factory=list)
    failing: HarmonieError | None = None
    is_missed: Callable[[float], bool] = lambda refreshed_at: False
    settled: list[Callable[[], None]] = field(default_factory=list)
    """What happens while the rounds wait for lists to settle, each once."""
    users: tuple[str, ...] = ()
    logins: list[FakeUser] = field(default_factory=list)
    _keyring: Keyring | None = None
    _rounds: PrefixRounds | None = None

    async def fill_library(self, count: int = 40) -> None:
        """Tracks that both sides have."""
        for number in range(count):
            self.tracks.append(await self.store.add(f"{number:03}.mp3", title=f"Title {number}"))
            self.items.append(self.fake.add_item(f"/their/{number:03}.mp3", f"Title {number}"))

    async def log_in(self, user: FakeUser) -> None:
        """As ``harmonie jellyfin login`` leaves it."""
        keyring = self.keyring
        known = User(user.id, user.name, user.is_admin)
        device = await keyring.device_id(user.name)
        await keyring.keep(KeptToken(self.fake.state.server_id, known, user.token, device, 0.0))

    @property
    def keyring(self) -> Keyring:
        if self._keyring is None:
            self._keyring = Keyring(
                self.fake.url, self.token, TokenFile(self.folder / "tokens.json"),
                self.store.meta, self.store.clock, version="0.1.0",
            )  # fmt: skip
        return self._keyring

    @property
    def rows(self) -> PrefixLists:
        return PrefixLists(self.store.database)

    @property
    def rounds(self) -> PrefixRounds:
        if self._rounds is None:
            self._rounds = PrefixRounds(
                JellyfinOwnLists(self.keyring, self.store.playlists),
                self.rows,
                self,
                self._fill,
                self.store.clock,
                is_missed=self._is_missed,
                users=self.users,
                settle=self._settle,
            )
        return self._rounds

    async def round(self, after_s: float = 120.0) -> int:
        """Another round, so much later."""
        self.store.clock.now += after_s
        return await self.rounds.round()

    async def restart(self) -> None:
        """As a new process finds things."""
        await self.close()
        self._keyring = self._rounds = None

    async def close(self) -> None:
        if self._keyring is not None:
            await self._keyring.close()

    def made(self, user: FakeUser, name: str, *places: int) -> FakePlaylist:
        """A playlist that somebody makes of tracks at these places."""
        return self.fake.add_playlist(user, name, [self.items[place] for place in places])

    def numbers(self, playlist: FakePlaylist) -> list[int]:
        """The places of what is in it."""
        return [self.items.index(one) for one in playlist.entries]

    async def track_of(self, remote_id: str) -> TrackId | None:
        """See ``KnownItems``."""
        return dict(zip(self.items, self.tracks, strict=True)).get(remote_id)

    async def renew(self) -> None:
        """See ``KnownItems``."""
        self.renewals += 1

    async def remote_ids(self, track_ids: Collection[TrackId]) -> dict[TrackId, str]:
        """See ``KnownItems``."""
        items = dict(zip(self.tracks, self.items, strict=True))
        return {track: items[track] for track in track_ids if track in items}

    async def _fill(
        self, wish: PlaylistWish, seeds: Sequence[TrackId | None], listener: str
    ) -> Sequence[TrackId]:
        self.asked.append((wish, list(seeds), listener))
        if self.failing is not None:
            raise self.failing
        if wish.kind.has_seeds and not any(seeds):
            raise BadRequestError("it has no track yet that is known here")
        even = [one for place, one in enumerate(self.tracks) if place % 2 == 0]
        rest = [one for one in even[self.turn :] + even[: self.turn] if one not in seeds]
        return rest[: wish.n]

    def _is_missed(self, refreshed_at: float) -> bool:
        return self.is_missed(refreshed_at)

    async def _settle(self) -> None:
        if self.settled:
            self.settled.pop(0)()
