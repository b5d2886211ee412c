"""What the doctor looks at beside folders and servers: the watcher, the models, the scan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harmonie_daemon.config import Settings
from harmonie_daemon.domain.checkup import Finding, fine, note, problem
from harmonie_daemon.library.watcher import Watcher
from harmonie_daemon.scanning import Models
from harmonie_daemon.store.tracks import Tracks
from harmonie_daemon.tasks.doctor.doctor import Examination

MODELS, LIBRARY, ACCESS = "models", "library", "access"


@dataclass(slots=True)
class Environs:
    """Looks at what only the whole daemon knows."""

    settings: Settings
    models: Models
    tracks: Tracks
    watcher: Watcher | None = None
    """The one that runs, if one does."""

    @property
    def looks(self) -> Mapping[str, Examination]:
        """The examinations, by area."""
        return {
            ACCESS: self.examine_access,
            MODELS: self.examine_models,
            LIBRARY: self.examine_library,
        }

    def unwatched(self) -> Mapping[str, str]:
        """Roots that the watcher had to give up, and why."""
        return {} if self.watcher is None else self.watcher.reasons

    async def examine_models(self) -> Sequence[Finding]:
        """The model that answers, and what is to be known of the others."""
        found = [fine(MODELS, f"{self.models.active} answers")]
        return found + [note(MODELS, line) for line in await self.models.notes()]

    async def examine_library(self) -> Sequence[Finding]:
        """Whether anything was heard, and what could not be."""
        counts = await self.tracks.counts()
        if not counts.tracks:
            return [note(LIBRARY, "no track is known yet", "harmonie scan shows how far it is")]
        found = [fine(LIBRARY, f"{counts.tracks} tracks are known")]
        if counts.failed:
            said = f"{counts.failed} files could not be decoded"
            found.append(note(LIBRARY, said, "harmonie status names the latest; ffmpeg tells more"))
        return found

    async def examine_access(self) -> Sequence[Finding]:
        """Who may speak to the daemon."""
        http = self.settings.http
        if http.api_key is not None:
            return [fine(ACCESS, "a key is wanted of whoever speaks to the daemon")]
        if http.allow_unauthenticated:
            return [
                problem(
                    ACCESS,
                    "anybody in the network may speak to the daemon: no key is set",
                    "set HARMONIE_API_KEY, and the same key in plugins and players",
                )
            ]
        return [fine(ACCESS, "only this machine may speak to the daemon; no key is needed")]
