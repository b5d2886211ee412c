"""Logging users in by a code or a password, and out again; what they bring is kept."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from enum import StrEnum

from harmonie_daemon.domain.errors import MediaServerError, NotFoundError
from harmonie_daemon.log import mask
from harmonie_daemon.mediaservers.jellyfin.access import require_supported
from harmonie_daemon.mediaservers.jellyfin.door import Answered, JellyfinDoor, QuickConnect
from harmonie_daemon.mediaservers.jellyfin.keyring import Keyring
from harmonie_daemon.mediaservers.jellyfin.token_file import KeptToken

CODE_LASTS_S = 600.0
"""Jellyfin forgets a code after ten minutes."""
MOST_ATTEMPTS = 20
"""Codes that wait at the same time."""

_log = logging.getLogger(__name__)


class AttemptState(StrEnum):
    """Where a login by a code stands."""

    WAITING = "waiting"
    """The code has not been typed in."""
    DONE = "done"
    EXPIRED = "expired"
    """The code is good no more."""
    REFUSED = "refused"
    """Another user typed it in than the one who was to."""


@dataclass(slots=True)
class Attempt:
    """A login by a code."""

    id: str
    begun: QuickConnect
    device_id: str
    expected: str | None
    """The name of the user who is to log in; ``None``: whoever types the code in."""
    expires: float
    """Unix time."""
    state: AttemptState = AttemptState.WAITING
    user: str | None = None
    """The name of who typed the code in."""
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class SigningIn:
    """Logins at the server of a keyring. Methods raise ``MediaServerError``."""

    def __init__(self, keyring: Keyring, clock: Callable[[], float]) -> None:
        self.keyring = keyring
        self._clock = clock
        self._attempts: dict[str, Attempt] = {}
        self._lock = asyncio.Lock()
        """One login begins at a time, or two might be one device."""
        self.on_login: Callable[[], object] | None = None
        """Called when somebody has logged in: more may be done there than before."""

    async def with_password(self, name: str, password: str) -> KeptToken:
        """Log in and keep the token; the password is used once and kept nowhere."""
        async with self._lock, self._door(await self._device_id(name)) as door:
            server = await door.server_info()
            require_supported(server)
            answered = await door.enter(name, password)
            if answered is None:
                raise MediaServerError(f"Jellyfin knows no user {name!r} with this password")
            return await self._keep(door, answered, door.device_id, server.id)

    async def begin(self, expected: str | None = None) -> Attempt:
        """Ask for a code that somebody is to type into Jellyfin."""
        async with self._lock:
            return await self._begin(expected)

    async def _begin(self, expected: str | None) -> Attempt:
        self._forget_old()
        if len(self._attempts) >= MOST_ATTEMPTS:
            raise MediaServerError(f"{MOST_ATTEMPTS} codes wait to be typed in already")
        device_id = await self._device_id(expected)
        async with self._door(device_id) as door:
            require_supported(await door.server_info())
            begun = await door.begin()
        if begun is None:
            raise MediaServerError(
                "Quick Connect is switched off at this Jellyfin: switch it on there (Dashboard → "
                "General), or log in with a password (--user NAME --password)"
            )
        mask(begun.secret)
        attempt = Attempt(
            secrets.token_hex(8), begun, device_id, expected, self._clock() + CODE_LASTS_S
        )
        self._attempts[attempt.id] = attempt
        return attempt

    async def look(self, attempt_id: str) -> Attempt:
        """Ask whether the code has been typed in; if so, the login is done and kept.

        Raises ``NotFoundError`` for an attempt that is not known, or not any more.
        """
        attempt = self._attempts.get(attempt_id)
        if attempt is None:
            raise NotFoundError("there is no such login; begin a new one")
        async with attempt.lock:
            if attempt.state is AttemptState.WAITING:
                await self._go_on(attempt)
        return attempt

    async def log_out(self, token: KeptToken) -> str | None:
        """Log out there, then forget the login; why the server could not be told, if so."""
        problem = None
        async with self._door(token.device_id) as door:
            try:
                await self._leave(door, token)
            except MediaServerError as error:
                problem = str(error)
        await self.keyring.remove(token)
        _log.info("jellyfin: %r is logged out", token.user.name)
        return problem

    async def _go_on(self, attempt: Attempt) -> None:
        async with self._door(attempt.device_id) as door:
            is_approved = await door.is_approved(attempt.begun)
            answered = await door.redeem(attempt.begun) if is_approved else None
            if is_approved is None or (is_approved and answered is None):
                attempt.state = AttemptState.EXPIRED
            elif answered is not None:
                await self._admit(door, attempt, answered)
            elif self._clock() >= attempt.expires:
                attempt.state = AttemptState.EXPIRED

    async def _admit(self, door: JellyfinDoor, attempt: Attempt, answered: Answered) -> None:
        attempt.user = answered.user.name
        expected = attempt.expected
        if expected is not None and answered.user.name.casefold() != expected.casefold():
            await door.leave(answered.token)
            attempt.state = AttemptState.REFUSED
            return
        server_id = answered.server_id or (await door.server_info()).id
        await self._keep(door, answered, attempt.device_id, server_id)
        attempt.state = AttemptState.DONE

    async def _keep(
        self, door: JellyfinDoor, answered: Answered, device_id: str, server_id: str
    ) -> KeptToken:
        """Keep the login, or undo it at the server."""
        token = KeptToken(server_id, answered.user, answered.token, device_id, self._clock())
        try:
            former = await self.keyring.keep(token)
        except MediaServerError:
            with suppress(MediaServerError):
                await door.leave(answered.token)
            raise
        _log.info("jellyfin: %r is logged in", token.user.name)
        if former is not None and former.token != token.token:
            await self._end(former)
        await self._let_go_of_namesakes(token)
        if self.on_login is not None:
            self.on_login()
        return token

    async def _let_go_of_namesakes(self, token: KeptToken) -> None:
        """Forget what works no more of somebody of the same name: a user who was deleted and made
        anew, or a server that was, has other ids, and that login would be missed for ever."""
        with suppress(MediaServerError):
            for one in (await self.keyring.look(tell=False)).lost:
                is_namesake = one.user.name.casefold() == token.user.name.casefold()
                if is_namesake and one.token != token.token:
                    await self.keyring.remove(one)

    async def _end(self, former: KeptToken) -> None:
        """Log out what a new login has taken the place of; a server that is away forgets it not."""
        async with self._door(former.device_id) as door:
            try:
                await self._leave(door, former)
            except MediaServerError as error:
                _log.info("jellyfin: the former login of %r stays: %s", former.user.name, error)

    async def _leave(self, door: JellyfinDoor, token: KeptToken) -> None:
        """Log out at the server that gave the token, and at no other."""
        if (await door.server_info()).id != token.server_id:
            raise MediaServerError("it is a login at another server")
        await door.leave(token.token)

    async def _device_id(self, user: str | None) -> str:
        """What a new login is to be known by; not by what another's that is under way is.

        Who tries again is the same device, so that the server ends what was lost of the first try.
        """
        taken = {
            one.device_id
            for one in self._attempts.values()
            if user is None or one.expected is None or one.expected.casefold() != user.casefold()
        }
        return await self.keyring.device_id(user, taken=taken)

    @asynccontextmanager
    async def _door(self, device_id: str) -> AsyncIterator[JellyfinDoor]:
        door = JellyfinDoor(self.keyring.url, device_id=device_id, version=self.keyring.version)
        try:
            yield door
        finally:
            await door.close()

    def _forget_old(self) -> None:
        now = self._clock()
        self._attempts = {id_: one for id_, one in self._attempts.items() if one.expires > now}
