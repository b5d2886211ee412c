"""How the commands reach the daemon: the running one, or one of their own for a moment."""

from __future__ import annotations

import asyncio
import contextlib
import json
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import aiohttp
from aiohttp import hdrs, web

from harmonie_daemon.app import STARTUP, create_app
from harmonie_daemon.cli.exits import CommandError, Exit
from harmonie_daemon.config import Settings
from harmonie_daemon.domain.errors import in_words
from harmonie_daemon.web.bodies import runner_of

PROBE_TIMEOUT_S = 5.0
REQUEST_TIMEOUT_S = 120.0
READY_TIMEOUT_S = 120.0
"""How long a daemon that is starting is waited for."""

PIECE_BYTES = 256 * 1024

Json = dict[str, Any]
Parameters = Mapping[str, str] | Sequence[tuple[str, str]]


class Client:
    """Speaks HTTP to a daemon and raises ``CommandError`` with its own words when it refuses."""

    def __init__(self, session: aiohttp.ClientSession, *, is_running: bool) -> None:
        self._session = session
        self.is_running = is_running
        """Whether this is the daemon that runs anyway, not one of our own."""

    async def get(self, path: str, params: Parameters | None = None) -> Json:
        """GET a JSON object."""
        return await self._ask("GET", path, params=params)

    async def post(self, path: str, body: object = None, **params: str) -> Json:
        """POST and return the JSON object that answers."""
        return await self._ask("POST", path, json=body, params=params)

    async def delete(self, path: str, params: Parameters | None = None) -> Json:
        """DELETE what is there; the JSON object that answers, or an empty one."""
        return await self._ask("DELETE", path, params=params)

    async def download(self, path: str, into: BinaryIO) -> None:
        """GET a file, piece by piece. What cannot be written raises ``OSError``."""
        try:
            async with self._session.get(path) as response:
                if response.status >= 400:
                    raise _refusal(response.status, await response.json(content_type=None))
                async for piece in response.content.iter_chunked(PIECE_BYTES):
                    await asyncio.to_thread(into.write, piece)
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise CommandError(f"the daemon does not answer: {in_words(error)}") from error

    async def _ask(self, method: str, path: str, **request: Any) -> Json:
        deadline = asyncio.get_running_loop().time() + READY_TIMEOUT_S
        while True:
            try:
                async with self._session.request(method, path, **request) as response:
                    answer = await response.json(content_type=None)
            except (aiohttp.ClientError, TimeoutError, ValueError) as error:
                raise CommandError(f"the daemon does not answer: {in_words(error)}") from error
            is_starting = response.status == 503 and hdrs.RETRY_AFTER in response.headers
            if is_starting and asyncio.get_running_loop().time() < deadline:
                await asyncio.sleep(0.3)
                continue
            if response.status >= 400:
                raise _refusal(response.status, answer)
            return dict(answer or {})


def _refusal(status: int, answer: Any) -> CommandError:
    detail = answer.get("detail") if isinstance(answer, dict) else None
    if status == 401:
        detail = (
            "the daemon wants its key: set HARMONIE_API_KEY, or http.api_key in the configuration"
        )
    code = {400: Exit.USAGE, 404: Exit.NOT_FOUND, 422: Exit.USAGE}.get(status, Exit.FAILED)
    return CommandError(str(detail or f"the daemon answered {status}"), code)


@contextlib.asynccontextmanager
async def connected(
    settings: Settings, *, otherwise: CommandError | None = None
) -> AsyncIterator[Client]:
    """A client of the running daemon; without one, of a daemon that lives as long as this.

    ``otherwise`` is raised when none is running and one of our own would not do. Raises
    ``StoreError`` when somebody else holds the database.
    """
    url = await _running_daemon(settings)
    if url is None and otherwise is not None:
        raise otherwise
    async with contextlib.AsyncExitStack() as stack:
        connector: aiohttp.BaseConnector | None = None
        if url is None:
            socket = await stack.enter_async_context(_own_daemon(settings))
            connector = aiohttp.UnixConnector(path=socket)
        session = _session(settings, url or "http://localhost", connector)
        await stack.enter_async_context(session)
        yield Client(session, is_running=url is not None)


async def is_running(settings: Settings) -> bool:
    """Whether a daemon answers for these settings."""
    return await _running_daemon(settings) is not None


async def asked_to_scan(settings: Settings) -> bool:
    """Have the running daemon look at its library now; ``False`` if none runs or it refuses."""
    url = await _running_daemon(settings)
    if url is None:
        return False
    async with _session(settings, url) as session:
        try:
            await Client(session, is_running=True).post("/api/v1/scan")
        except CommandError:
            return False
    return True


def _session(
    settings: Settings, url: str, connector: aiohttp.BaseConnector | None = None
) -> aiohttp.ClientSession:
    headers = {}
    if settings.http.api_key is not None:
        headers["X-API-Key"] = settings.http.api_key.get_secret_value()
    timeout = aiohttp.ClientTimeout(total=REQUEST_TIMEOUT_S)
    return aiohttp.ClientSession(url, connector=connector, headers=headers, timeout=timeout)


async def _running_daemon(settings: Settings) -> str | None:
    """The address of the daemon that serves this data folder, if one answers."""
    url = await asyncio.to_thread(_where_it_may_be, settings)
    if url is None:
        return None
    timeout = aiohttp.ClientTimeout(total=PROBE_TIMEOUT_S)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.get(f"{url}/health", allow_redirects=False) as response,
        ):
            is_ours = response.status == 200 and await response.json() == {"status": "ok"}
    except (aiohttp.ClientError, TimeoutError, ValueError):
        return None
    return url if is_ours else None


def _where_it_may_be(settings: Settings) -> str | None:
    """Where the daemon left word that it listens; else the configured address.

    The latter is for a service whose data folder this user does not know or may not read. Who
    names a readable data folder without a daemon means just that folder.
    """
    try:
        left_word = json.loads((settings.data_dir / "daemon.json").read_text(encoding="utf-8"))
        return _reachable(str(left_word["url"]))
    except FileNotFoundError:
        if "data_dir" in settings.model_fields_set:
            return None
    except (OSError, ValueError, KeyError, TypeError):
        pass
    address = settings.http.addresses[0]
    return _reachable(f"http://{address}") if address.port else None


def _reachable(url: str) -> str:
    """An address that listens everywhere, as this machine reaches it."""
    return url.replace("//0.0.0.0:", "//127.0.0.1:").replace("//[::]:", "//[::1]:")


@contextlib.asynccontextmanager
async def _own_daemon(settings: Settings) -> AsyncIterator[str]:
    """A daemon without schedule and watcher on a socket only this user can reach."""
    app = create_app(settings, background=False)
    runner = runner_of(app)
    await runner.setup()
    try:
        with tempfile.TemporaryDirectory(prefix="harmonie-") as folder:
            socket = str(Path(folder) / "socket")
            await web.UnixSite(runner, socket).start()
            await app[STARTUP].ended()
            yield socket
    finally:
        await runner.cleanup()
