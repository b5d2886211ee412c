"""Fetching files over HTTP: continued where they broke off, checked, put in place in one step."""

from __future__ import annotations

import asyncio
import errno
import logging
import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp

from harmonie_daemon.analysis.weights.checks import Check, examine
from harmonie_daemon.analysis.weights.part_file import DownloadProgress, PartFile
from harmonie_daemon.analysis.weights.registry import WeightFile
from harmonie_daemon.domain.errors import ModelError

log = logging.getLogger(__name__)

ATTEMPTS = 5
"""How often in a row a connection may break without a byte having arrived."""
FIRST_PAUSE_S = 0.2
"""Before the second attempt; doubled before each further one."""
CONNECT_S, SILENCE_S = 15.0, 30.0
CHUNK_BYTES = 1 << 18
LARGEST_FACTOR = 4
"""A file this many times larger than it is known to be is not it."""
MIB = 1 << 20
OK, PARTIAL, CHANGED = 200, 206, 416
"""The whole file; the rest of it; there is no such rest, it must be another version."""

Install = Callable[[WeightFile, Path, Check], Check]
OnProgress = Callable[[DownloadProgress], None]


class _Broken(Exception):  # noqa: N818 - an event, tried again
    """The connection ended before the file did."""


async def fetch_all(
    sources: Mapping[WeightFile, str], folder: Path, install: Install, on_progress: OnProgress
) -> None:
    """Download each file into ``folder`` and install it; ``ModelError`` or ``OSError``."""
    timeout = aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_S, sock_read=SILENCE_S)
    headers = {"Accept-Encoding": "identity", "User-Agent": "harmonie"}
    async with aiohttp.ClientSession(timeout=timeout, headers=headers, trust_env=True) as session:
        for file, url in sources.items():
            with PartFile.held(folder / file.name) as part:
                await _fetch(session, file, url, part, on_progress)
                check = await asyncio.to_thread(examine, file, part.path)
                if check.problem:
                    part.empty()
                    raise ModelError(f"{url} sent something else: {check.problem}")
                await asyncio.to_thread(install, file, part.path, check)
            log.info("%s downloaded, sha256 %s", file.name, check.sha256)


async def _fetch(
    session: aiohttp.ClientSession,
    file: WeightFile,
    url: str,
    part: PartFile,
    on_progress: OnProgress,
) -> None:
    """Bring ``part`` to the file's whole length, however often the connection breaks."""
    failures = 0
    while True:
        before = part.size
        try:
            await _continue(session, file, url, part, on_progress)
        except aiohttp.InvalidURL as error:
            raise ModelError(f"{url} is not an address") from error
        except (_Broken, aiohttp.ClientError, TimeoutError) as error:
            failures = 1 if part.size > before else failures + 1
            if failures >= ATTEMPTS:
                raise ModelError(_trouble(url, error)) from error
            await asyncio.sleep(FIRST_PAUSE_S * 2 ** (failures - 1))
        else:
            return


async def _continue(
    session: aiohttp.ClientSession,
    file: WeightFile,
    url: str,
    part: PartFile,
    on_progress: OnProgress,
) -> None:
    """One request for what is missing, appended; everything anew if the server wants it so."""
    async with session.get(url, headers=part.rest_wanted()) as response:
        _prepare(part, response)
        missing = response.content_length
        expected = part.size + missing if missing is not None else None
        _check_room(part.path.parent, missing if missing is not None else file.about_bytes)
        part.remember_version(response.headers)
        async for chunk in response.content.iter_chunked(CHUNK_BYTES):
            await asyncio.to_thread(part.append, chunk)
            _check_size(url, file, part.size)
            on_progress(
                DownloadProgress(file.name, part.size, expected or max(part.size, file.about_bytes))
            )
    if expected is not None and part.size < expected:
        raise _Broken("the connection ended too early")
    await asyncio.to_thread(part.settle)


def _prepare(part: PartFile, response: aiohttp.ClientResponse) -> None:
    """Keep what is there if this answer continues it; ``ModelError`` if it is no file at all."""
    if response.status == OK:
        part.empty()
    elif response.status not in (PARTIAL, CHANGED):
        raise ModelError(f"{response.url} answers {response.status} {response.reason}")
    elif not response.headers.get("Content-Range", "").startswith(f"bytes {part.size}-"):
        part.empty()
        raise _Broken("the file has changed at its source")


def _check_room(folder: Path, missing: int) -> None:
    if shutil.disk_usage(folder).free < missing:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(folder))


def _check_size(url: str, file: WeightFile, received: int) -> None:
    if received > LARGEST_FACTOR * max(file.about_bytes, MIB):
        raise ModelError(f"{url} sends more than {file.name} can be long")


def _trouble(url: str, error: Exception) -> str:
    host = urlsplit(url).netloc or url
    reason = str(error) or "no answer in time"
    return f"{host} cannot be reached or breaks off: {reason}"
