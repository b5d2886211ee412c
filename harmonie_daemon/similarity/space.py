"""The hot copy of what similarity and playlists need, kept in step with the store."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from harmonie_daemon.domain.errors import NotReadyError
from harmonie_daemon.domain.track import Facets
from harmonie_daemon.similarity.columns import Columns
from harmonie_daemon.similarity.index import FlatIndex, Floats, VectorIndex
from harmonie_daemon.store.library_view import LibraryView
from harmonie_daemon.store.records import IdArray
from harmonie_daemon.store.vectors import Vectors

T = TypeVar("T")

_Rows = tuple[IdArray, Floats]

THREADS = 2
"""So that a short question need not wait for a long drift; more would only share the memory's
bandwidth, which one search uses up."""


@dataclass(frozen=True, slots=True)
class Space:
    """One embedding model's view of the library at one generation; never changes."""

    index: VectorIndex
    columns: Columns
    """Every analysed track, with or without a vector."""
    model: str | None
    """``None`` while the library holds no vector at all."""
    generation: int


@dataclass(frozen=True, slots=True)
class IndexStanding:
    """The index in numbers."""

    tracks: int
    vectors: int
    """Of the model that answers."""
    generation: int
    built_at: float
    """Unix time at which it was last brought up to date."""


@dataclass(frozen=True, slots=True)
class _State:
    """Everything in memory, all of one generation; replaced as a whole."""

    generation: int
    columns: Columns
    indexes: Mapping[str, VectorIndex]
    """None of them empty; that of the default model is among them."""
    default_model: str | None


@dataclass(frozen=True, slots=True)
class _News:
    """What a state lacks, all of one generation."""

    generation: int
    default_model: str | None
    changed: IdArray
    """Tracks that changed, appeared or went, ascending."""
    facets: Sequence[Facets]
    """Of those of them that are there."""
    updates: Mapping[str, _Rows]
    """Their vectors in the models that stay."""
    additions: Mapping[str, _Rows]
    """All vectors of models that were not in memory."""


class Spaces:
    """Serves snapshots of the store: loaded once, then brought up to date by deltas.

    Each is read in one go: between two reads a model may give way to another, and what was read
    of both would fit neither. All array work runs in threads of its own.
    """

    def __init__(self, vectors: Vectors, clock: Callable[[], float] = time.time) -> None:
        """``clock`` gives Unix time."""
        self._vectors = vectors
        self._clock = clock
        self._built_at = 0.0
        self._lock = asyncio.Lock()
        self._executor = ThreadPoolExecutor(THREADS, thread_name_prefix="similarity")
        self._state: _State | None = None

    async def load(self) -> None:
        """Read the library for the first time; until this has ended, nobody is served."""
        async with self._lock:
            self._state = await self._vectors.in_one_state(_everything)
            self._built_at = self._clock()

    @property
    def standing(self) -> IndexStanding | None:
        """What is in memory, without a look at the store; ``None`` before the first ``load``."""
        state = self._state
        if state is None:
            return None
        index = state.indexes.get(state.default_model or "")
        vectors = 0 if index is None else len(index.ids)
        return IndexStanding(len(state.columns.ids), vectors, state.generation, self._built_at)

    async def current(self, model: str | None = None) -> Space:
        """The present state of the library for ``model``, by default the active one.

        For a model that no track has (any more: its vectors may have been turned into another's
        since its name was read) the active one answers. Raises ``NotReadyError`` before the first
        ``load`` has ended.
        """
        if self._state is None:
            raise NotReadyError("the library is still being loaded; try again in a moment")
        async with self._lock:
            state = await self._caught_up(self._state, model)
            if state is not self._state:
                self._state, self._built_at = state, self._clock()
            name = model if model in state.indexes else state.default_model
            index = None if name is None else state.indexes.get(name)
            return Space(index or _empty_index(), state.columns, name, state.generation)

    async def compute(self, work: Callable[..., T], *arguments: object) -> T:
        """Run array work off the event loop."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._executor, work, *arguments)

    def close(self) -> None:
        """End the threads."""
        self._executor.shutdown(wait=False, cancel_futures=True)

    async def _caught_up(self, state: _State, wanted: str | None) -> _State:
        """The state brought up to date, with the index of ``wanted`` if any track has it."""
        news = await self._vectors.in_one_state(lambda view: _news(view, state, wanted))
        if news is None:
            return state
        if isinstance(news, _State):
            return news
        return await self.compute(_after, state, news)


def _everything(view: LibraryView, wanted: str | None = None) -> _State:
    columns = Columns.of(view.facets())
    default = _default_model(view)
    names = {name for name in (default, wanted) if name is not None}
    indexes = {name: FlatIndex(*view.vectors(name)) for name in names}
    return _State(view.generation, columns, _with_vectors(indexes), default)


def _news(view: LibraryView, state: _State, wanted: str | None) -> _News | _State | None:
    """``None`` if there is none, a whole state if there is too much."""
    if view.generation == state.generation and (wanted is None or wanted in state.indexes):
        return None
    changed = view.changes_since(state.generation)
    if changed is None:
        return _everything(view, wanted)
    is_new = view.generation != state.generation
    default = _default_model(view) if is_new else state.default_model
    # a model that answers no more would only take up memory; who asks for it loads it again
    retired = state.default_model if state.default_model != default else None
    kept = [name for name in state.indexes if name != retired]
    missing = {name for name in (default, wanted) if name is not None and name not in kept}
    return _News(
        generation=view.generation,
        default_model=default,
        changed=np.array(changed, np.int64),
        facets=view.facets(changed),
        updates={name: view.vectors(name, changed) for name in kept},
        additions={name: view.vectors(name) for name in missing},
    )


def _after(state: _State, news: _News) -> _State:
    gone = np.setdiff1d(news.changed, np.array([facet.id for facet in news.facets], np.int64))
    indexes: dict[str, VectorIndex] = {
        name: state.indexes[name].apply(ids, vectors, np.setdiff1d(news.changed, ids))
        for name, (ids, vectors) in news.updates.items()
    }
    indexes |= {name: FlatIndex(*rows) for name, rows in news.additions.items()}
    columns = state.columns.apply(news.facets, gone)
    return _State(news.generation, columns, _with_vectors(indexes), news.default_model)


def _default_model(view: LibraryView) -> str | None:
    """The active model; while that has no vector yet, the one that most tracks have."""
    models = [model for model in view.models() if model.tracks]
    active = view.active_model()
    if active in {model.name for model in models}:
        return active
    if not models:
        return None
    return min(models, key=lambda model: (-model.tracks, model.name)).name


def _with_vectors(indexes: Mapping[str, VectorIndex]) -> dict[str, VectorIndex]:
    return {name: index for name, index in indexes.items() if len(index.ids)}


def _empty_index() -> FlatIndex:
    return FlatIndex(np.zeros(0, np.int64), np.zeros((0, 0), np.float32))
