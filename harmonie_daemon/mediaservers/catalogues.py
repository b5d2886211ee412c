"""The catalogues of all servers that are configured: what is known of them, and keeping it so."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from harmonie_daemon.domain.catalogue import CatalogueReport
from harmonie_daemon.domain.errors import HarmonieError
from harmonie_daemon.mediaservers.catalogue import Catalogue

_log = logging.getLogger(__name__)


@runtime_checkable
class Catalogued(Protocol):
    """A target that keeps a catalogue."""

    catalogue: Catalogue

    async def sync(self) -> None:
        """Bring it up to date; raises ``MediaServerError``."""


class ServerCatalogues:
    """Of those of the targets that are servers."""

    def __init__(self, targets: Sequence[object]) -> None:
        self._targets = [target for target in targets if isinstance(target, Catalogued)]

    async def reports(self) -> list[CatalogueReport]:
        """How much of our library each server knows, and why not more; without those that were
        never listed. Raises ``StoreError``."""
        found = [await target.catalogue.report() for target in self._targets]
        return [report for report in found if report is not None]

    async def sync(self) -> None:
        """Bring all up to date; a server that cannot be asked is left for the next time."""
        for target in self._targets:
            try:
                await target.sync()
            except HarmonieError as error:
                _log.info("a catalogue is as it was: %s", error)
