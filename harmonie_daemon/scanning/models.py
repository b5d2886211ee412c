"""Which embedding models tracks are heard with, and which of them answers.

The wanted model is the best whose weights are there, the built-in one without any. While it is not
the active one, tracks that lack it are heard again in the background and new ones are heard
with both; once every track that can be reached has been asked, it becomes the active one. From
then on new tracks are heard with it alone. Vectors of a model that was active before stay until
their file changes: if weights go, most tracks have the built-in model's vectors already. The
vectors of the built-in model of an earlier release are turned into its successor's.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from typing import Protocol

from harmonie_daemon.analysis.embeddings import BUILTIN_MODEL
from harmonie_daemon.scanning.succession import Succession
from harmonie_daemon.store.vectors import Vectors

log = logging.getLogger(__name__)

STUMBLES_BEFORE_SET_ASIDE = 3
"""In a row. A file that only this model stumbles over is one; damaged weights fail at every one."""


class WeightSource(Protocol):
    """Whoever knows which models' weights are there. Both may read files."""

    def available(self) -> tuple[str, ...]:
        """Models whose weights are present and verified, the best first."""

    def problems(self) -> Mapping[str, str]:
        """Model to what is wrong with its weights, for a person."""


class Models:
    """The choice of models; brought up to date by ``look`` and ``settle``."""

    def __init__(self, vectors: Vectors, weights: WeightSource) -> None:
        self._vectors = vectors
        self._weights = weights
        self._wanted = BUILTIN_MODEL
        self._active = BUILTIN_MODEL
        self._available: frozenset[str] = frozenset({BUILTIN_MODEL})
        self._problems: Mapping[str, str] = {}
        self._notes: tuple[str, ...] = ()
        self._stumbles: dict[str, int] = {}
        self._proven: set[str] = set()
        self._set_aside: dict[str, str] = {}
        self._succession = Succession(vectors)

    @property
    def active(self) -> str:
        """The model that answers."""
        return self._active

    @property
    def wanted(self) -> tuple[str, ...]:
        """The models that a new track is heard with."""
        names = dict.fromkeys((self._active, self._wanted))
        return tuple(name for name in names if self.is_usable(name)) or (BUILTIN_MODEL,)

    def is_usable(self, model: str) -> bool:
        """Whether tracks can be heard with this model now."""
        return model in self._available and model not in self._set_aside

    async def look(self, *, forgive: bool = False) -> None:
        """See which weights are there: when the daemon starts, and before every scan.

        Models that were set aside get another chance with ``forgive`` or when what the weights
        say of themselves has changed.
        """
        before = self._available, self._problems
        names, self._problems = await asyncio.to_thread(self._look_at_weights)
        self._available = frozenset({*names, BUILTIN_MODEL})
        if forgive or before != (self._available, self._problems):
            self._set_aside.clear()
            self._stumbles.clear()
        self._wanted = next((name for name in names if self.is_usable(name)), BUILTIN_MODEL)
        active = await self._vectors.active_model() or await self._most_used()
        if active is None:
            await self._activate(self._wanted)
        else:
            self._active = active
        self._take_note()

    async def take_over(self) -> None:
        """Turn the vectors of an earlier release's built-in model into those of this one.

        Before anything is heard, or every track would be heard again for want of a vector; there
        is nothing to do but once. Raises ``StoreError``.
        """
        await self._succession.run()
        self._active = await self._vectors.active_model() or self._active

    async def settle(self, *, everything_heard: bool) -> bool:
        """After a scan: let the wanted model answer if it can; whether it does so from now on.

        ``everything_heard``: nothing that can be reached is left to be heard with it.
        """
        if self._wanted == self._active or not self.is_usable(self._wanted):
            return False
        if not everything_heard and await self._vectors.unasked(self._wanted):
            return False
        tracks = {model.name: model.tracks for model in await self._vectors.models()}
        if not tracks.get(self._wanted) and any(tracks.values()):
            return False
        log.info("%s answers from now on; it was %s before", self._wanted, self._active)
        await self._activate(self._wanted)
        return True

    async def notes(self) -> list[str]:
        """What a person should know about the models, a line each."""
        lines = list(self._notes)
        if self._wanted != self._active and self.is_usable(self._wanted):
            left = await self._vectors.unasked(self._wanted)
            lines.append(
                f"{left} tracks are still to be heard with {self._wanted}; "
                f"until then {self._active} answers"
            )
        return lines

    def answered(self, model: str) -> None:
        """The model has worked on a file."""
        self._stumbles.pop(model, None)
        self._proven.add(model)

    def stumbled(self, model: str, reason: str) -> bool:
        """The model failed at a file that is sound; whether the file is to blame all the same.

        It is when the model has worked before and does not fail again and again.
        """
        self._stumbles[model] = self._stumbles.get(model, 0) + 1
        if self._stumbles[model] >= STUMBLES_BEFORE_SET_ASIDE:
            self.set_aside(model, reason)
        return model in self._proven

    def set_aside(self, model: str, reason: str) -> None:
        """Ask this model no more until its weights have changed: it cannot be used."""
        if model not in self._set_aside:
            self._set_aside[model] = reason
            self._proven.discard(model)
            self._take_note()

    def _look_at_weights(self) -> tuple[tuple[str, ...], Mapping[str, str]]:
        return self._weights.available(), self._weights.problems()

    async def _most_used(self) -> str | None:
        models = [model for model in await self._vectors.models() if model.tracks]
        return max(models, key=lambda model: model.tracks).name if models else None

    async def _activate(self, model: str) -> None:
        await self._vectors.activate(model)
        self._active = model

    def _take_note(self) -> None:
        troubles = {**self._problems, **self._set_aside}
        instead = next((name for name in self.wanted if name not in troubles), BUILTIN_MODEL)
        notes = tuple(
            f"{name} cannot be used: {reason}; {instead} is used instead"
            for name, reason in troubles.items()
        )
        if self._available == {BUILTIN_MODEL} and not notes:
            notes = (f"{BUILTIN_MODEL}, which is built in, is used; no other model is installed",)
        if notes != self._notes:
            is_worse_than_before = self._set_aside or not self.is_usable(self._active)
            for note in notes:
                log.log(logging.WARNING if is_worse_than_before else logging.INFO, "%s", note)
        self._notes = notes
