"""Telling a Jellyfin server of playlist files that lie in its libraries, so that it looks at them.

Without, it sees them with its next scan. Nothing hangs on it: a failure is a line in the log.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from itertools import islice

from harmonie_daemon.domain.errors import HarmonieError
from harmonie_daemon.mediaservers.jellyfin.credentials import JellyfinOperation
from harmonie_daemon.mediaservers.jellyfin.keyring import Keyring
from harmonie_daemon.mediaservers.m3u_folder import FileChange
from harmonie_daemon.mediaservers.path_mapping import renamed

TOLD_WITHIN_S = 15.0
VISIT_LASTS_S = 60.0
MOST_FILES = 500
"""In one request; a server that has to look at more may as well scan."""
FolderNames = Sequence[tuple[str, str]]
"""Folders as we name them, and as the server does."""

_log = logging.getLogger(__name__)


class FileNews:
    """Tells one server."""

    def __init__(
        self, keyring: Keyring, given: FolderNames, learned: Callable[[], Awaitable[FolderNames]]
    ) -> None:
        """``given`` are the names of folders by the settings, ``learned`` those found out."""
        self._keyring = keyring
        self._given = given
        self._learned = learned

    async def tell(self, changes: Mapping[str, FileChange]) -> None:
        """Of files of ours, by their absolute paths. Never raises for what the server does."""
        try:
            async with asyncio.timeout(TOLD_WITHIN_S):
                await self._tell(changes)
        except (HarmonieError, TimeoutError) as error:
            _log.info("jellyfin was not told of playlist files: %s", error or "it takes too long")

    async def _tell(self, changes: Mapping[str, FileChange]) -> None:
        visit = await self._keyring.visit(max_age_s=VISIT_LASTS_S)
        best = visit.credentials.best_for(JellyfinOperation.LIBRARY)
        if best is None:  # nobody of ours may see where its libraries are
            return
        client = visit.client(best)
        folders = [folder.rstrip("/\\") for folder in await client.music_folders()]
        names = [*self._given, *await self._learned()]
        theirs = {
            path: change.value
            for ours, change in islice(changes.items(), MOST_FILES)
            for path in [renamed(ours, names) or ours]
            if any(path.startswith((f"{folder}/", f"{folder}\\")) for folder in folders)
        }
        if theirs:
            await client.look_at_files(theirs)
            _log.debug("jellyfin looks at %d playlist files", len(theirs))
