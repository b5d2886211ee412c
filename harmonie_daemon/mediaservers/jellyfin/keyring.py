"""Every token that we hold for one server: which of them work, and requests made with the best.

A token that the server accepts no more is set aside with one line that says whose it is and what
to run. It is kept and asked about again; what the others may do goes on.
"""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Callable, Collection
from dataclasses import replace

from harmonie_daemon.domain.errors import MediaServerError
from harmonie_daemon.log import mask
from harmonie_daemon.mediaservers.errors import BadTokenError, LoginNeededError, RefusedError
from harmonie_daemon.mediaservers.jellyfin.client import JellyfinClient
from harmonie_daemon.mediaservers.jellyfin.credentials import Credential
from harmonie_daemon.mediaservers.jellyfin.token_file import MOST_TOKENS, KeptToken, TokenFile
from harmonie_daemon.mediaservers.jellyfin.visit import Tried, Visit, clock_ahead_s, login_command
from harmonie_daemon.mediaservers.jellyfin.wire import ServerInfo
from harmonie_daemon.store.meta import Meta

NOBODY = (
    "nobody is logged in at Jellyfin: run harmonie jellyfin login, or set HARMONIE_JELLYFIN_TOKEN"
)

_SETTINGS, _LOGINS = "HARMONIE_JELLYFIN_TOKEN", "the logins"
_Held = Credential | KeptToken | MediaServerError
"""The token of the settings, one of a login, or why there are none of those."""
_log = logging.getLogger(__name__)


class Keyring:
    """The token of the settings and those of logins. Methods raise ``MediaServerError``."""

    def __init__(
        self,
        url: str,
        configured: str | None,
        file: TokenFile,
        meta: Meta,
        clock: Callable[[], float],
        *,
        version: str,
    ) -> None:
        """``configured`` is a token of either kind; ``version`` is what a server is told of us."""
        self.url = url
        self._configured = configured
        self._file = file
        self._meta = meta
        self._clock = clock
        self.version = version
        self._kept: tuple[KeptToken, ...] | None = None
        self._clients: dict[tuple[str, str], JellyfinClient] = {}
        self._told: dict[str, str] = {}
        """What was said of tokens that do not work, by token."""
        self._last: tuple[float, Visit] | None = None
        self._changes = 0
        """Of what is kept."""
        self._lock = asyncio.Lock()
        self._file_lock = asyncio.Lock()

    @property
    def notes(self) -> tuple[str, ...]:
        """A sentence for each token that did not work when it was tried last."""
        return tuple(self._told.values())

    async def close(self) -> None:
        """Close the connections."""
        clients, self._clients = self._clients, {}
        for client in clients.values():
            await client.close()

    async def visit(self, *, max_age_s: float = 0.0, tell: bool = True) -> Visit:
        """Ask the server who we are there, unless it was asked so few seconds ago.

        ``tell``: a token that has stopped working is logged; otherwise the caller tells.
        Raises ``BadTokenError`` when no token works, ``LoginNeededError`` when there is none.
        """
        visit = await self.look(max_age_s=max_age_s, tell=tell)
        if not visit.credentials.held:
            if visit.problems:
                raise BadTokenError("; ".join(visit.problems))
            raise LoginNeededError(NOBODY)
        return visit

    async def look(self, *, max_age_s: float = 0.0, tell: bool = True) -> Visit:
        """As ``visit``, which may find that nothing works."""
        async with self._lock:
            if self._last is not None and 0 <= self._clock() - self._last[0] < max_age_s:
                return self._last[1]
            before = self._changes
            server = await (await self._anonymous()).server_info()
            ahead_s = clock_ahead_s(server.at, self._clock())
            tried = [await self._try(one, server) for one in await self._all()]
            visit = Visit(server, tuple(tried), self.client, ahead_s=ahead_s)
            self._tell(visit, aloud=tell)
            await self._follow_names(visit)
            if self._changes == before:  # else somebody logged in meanwhile
                self._last = self._clock(), visit
            return visit

    async def doubt(self) -> Visit:
        """Ask anew, for a request was answered that its token is not accepted; see ``visit``."""
        return await self.visit()

    def client(self, credential: Credential) -> JellyfinClient:
        """Requests with this token; closed with the keyring."""
        if credential.is_configured or credential.user is None:
            hint = "; check HARMONIE_JELLYFIN_TOKEN"
            return self._client(credential.token, credential.device_id, hint=hint)
        name = credential.user.name
        return self._client(
            credential.token,
            credential.device_id,
            whose=f"the login of {name!r}",
            hint=f": run {login_command(name)}",
        )

    async def kept(self) -> tuple[KeptToken, ...]:
        """The tokens of logins."""
        if self._kept is None:
            self._kept = await asyncio.to_thread(self._file.load)
            for one in self._kept:
                mask(one.token)
        return self._kept

    async def usual(self, user: str | None) -> Credential | None:
        """The token for what is about nobody in particular, without asking the server.

        That of the settings (of whichever kind); else the login of this user, by name; else an
        administrator's, or the first.
        """
        if self._configured is not None:
            return Credential(self._configured, None, await self._meta.device_id(), True)
        kept = await self.kept()
        named = [one for one in kept if user and one.user.name.casefold() == user.casefold()]
        admins = [one for one in kept if one.user.is_admin]
        found = next(iter((*named, *admins, *kept)), None)
        return None if found is None else Credential(found.token, found.user, found.device_id)

    async def keep(self, token: KeptToken) -> KeptToken | None:
        """Keep a new login, instead of the user's former one, which is returned."""
        mask(token.token)
        async with self._file_lock:
            kept = await self.kept()
            former = next((one for one in kept if one.user.id == token.user.id), None)
            others = tuple(one for one in kept if one is not former)
            if len(others) >= MOST_TOKENS:
                raise MediaServerError(
                    f"{MOST_TOKENS} users are logged in already; "
                    "run harmonie jellyfin logout for one"
                )
            await self._save((*others, token), token)
        return former

    async def remove(self, token: KeptToken) -> None:
        """Forget a login."""
        async with self._file_lock:
            await self._save(
                tuple(one for one in await self.kept() if one.token != token.token), token
            )

    async def device_id(self, user: str | None = None, *, taken: Collection[str] = ()) -> str:
        """What the server is to know a login by: the user's, else one that no login has.

        ``taken`` are those of logins under way.

        Servers take all that comes from one device for one session of one user, and end the
        user's former login from it. Derived from the id of this installation, so that a login
        that broke off is followed by one of the same device.
        """
        kept = await self.kept()
        for one in kept:
            if user is not None and one.user.name.casefold() == user.casefold():
                return one.device_id
        own = uuid.UUID(await self._meta.device_id())
        in_use = {one.device_id for one in kept} | set(taken)
        derived = (str(uuid.uuid5(own, f"login {number}")) for number in range(len(in_use) + 1))
        return next(one for one in derived if one not in in_use)

    async def _save(self, tokens: tuple[KeptToken, ...], changed: KeptToken) -> None:
        await asyncio.to_thread(self._file.save, tokens)
        self._told.pop(repr(changed.user.name), None)
        self._kept = tokens
        self._changes += 1
        self._last = None

    async def _all(self) -> list[_Held]:
        """What there is to try: the configured token as an API key, for all we know."""
        found: list[_Held] = []
        if self._configured is not None:
            own = await self._meta.device_id()
            found.append(Credential(self._configured, None, own, is_configured=True))
        try:
            found += await self.kept()
        except MediaServerError as error:
            found.append(error)
        return found

    async def _try(self, one: _Held, server: ServerInfo) -> Tried:
        match one:
            case Credential():
                return await self._try_configured(one)
            case KeptToken():
                return await self._try_kept(one, server)
            case MediaServerError():
                return Tried("login", None, None, str(one))

    async def _try_configured(self, one: Credential) -> Tried:
        try:
            user = await self.client(one).me()
        except BadTokenError as error:
            return Tried("settings", None, None, str(error))
        found = Credential(one.token, user, one.device_id, is_configured=True)
        return Tried("settings", found, None)

    async def _try_kept(self, one: KeptToken, server: ServerInfo) -> Tried:
        name, command = one.user.name, login_command(one.user.name)
        if one.server_id != server.id:
            problem = f"{name!r} is logged in at another Jellyfin: run {command}"
            return Tried("login", None, one, problem)
        try:
            user = await self.client(Credential(one.token, one.user, one.device_id)).own_user()
        except BadTokenError:
            problem = f"Jellyfin does not accept the login of {name!r} any more: run {command}"
            return Tried("login", None, one, problem)
        except RefusedError as error:
            problem = f"Jellyfin lets {name!r} do nothing just now: {error}"
            return Tried("login", None, one, problem)
        return Tried("login", Credential(one.token, user, one.device_id), one)

    async def _follow_names(self, visit: Visit) -> None:
        """Users are kept as the server calls them now, for when it cannot be asked."""
        users = {
            one.kept: one.credential.user
            for one in visit.tried
            if one.kept and one.credential and one.credential.user not in (None, one.kept.user)
        }
        if not users:
            return
        async with self._file_lock:
            kept = await self.kept()
            self._kept = tuple(replace(one, user=users.get(one) or one.user) for one in kept)
            try:
                await asyncio.to_thread(self._file.save, self._kept)
            except MediaServerError as error:
                _log.info("jellyfin: new names of users are not kept: %s", error)

    def _tell(self, visit: Visit, *, aloud: bool) -> None:
        """One line when a token stops working, one when it works again."""
        tried = {_name(one): one for one in visit.tried}
        self._told = {name: said for name, said in self._told.items() if name in tried}
        for name, one in tried.items():
            if one.problem is None:
                if self._told.pop(name, None) is not None:
                    _log.info("jellyfin: the token of %s works again", name)
            elif self._told.get(name) != one.problem:
                self._told[name] = one.problem
                if aloud:
                    _log.warning("jellyfin: %s", one.problem)

    async def _anonymous(self) -> JellyfinClient:
        return self._client("", await self._meta.device_id())

    def _client(
        self, token: str, device_id: str, *, whose: str = "the token", hint: str = ""
    ) -> JellyfinClient:
        key = token, device_id
        if key not in self._clients:
            self._clients[key] = JellyfinClient(
                self.url,
                token,
                device_id=device_id,
                version=self.version,
                whose=whose,
                hint=hint,
            )
        return self._clients[key]


def _name(one: Tried) -> str:
    """What it is called in the log."""
    if one.kept is not None:
        return repr(one.kept.user.name)
    return _SETTINGS if one.origin == "settings" else _LOGINS
