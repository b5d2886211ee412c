"""What Prometheus is told of the daemon, read from what lives at the moment."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import TypeVar

from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric

from harmonie_daemon.app.core import VERSION, Core
from harmonie_daemon.domain.errors import StoreError
from harmonie_daemon.providers.standing import Standing
from harmonie_daemon.web.metrics import Metrics, RequestCounts
from harmonie_daemon.web.ratelimit import RateLimiter

KeyT = TypeVar("KeyT", bound=tuple[str, ...])
"""The values of the labels."""


def measures(core: Core, counts: RequestCounts, limiter: RateLimiter) -> Metrics:
    """What the endpoints of metrics work with."""

    async def gather() -> Iterable[Metric]:
        stored = [metric async for metric in _stored(core)]
        living = (_daemon(core), _tasks(core), _scan(core), _index(core), _providers(core))
        return [
            *counts.families(), *chain.from_iterable(living), *_caches(core), *_limiter(limiter),
            *stored,
        ]  # fmt: skip

    return Metrics(gather)


def _gauge(name: str, words: str, value: float) -> Metric:
    return GaugeMetricFamily(name, words, value=value)


def _gauges(name: str, words: str, labels: Sequence[str], values: Mapping[KeyT, float]) -> Metric:
    family = GaugeMetricFamily(name, words, labels=labels)
    for key, value in values.items():
        family.add_metric(key, value)
    return family


def _counters(name: str, words: str, labels: Sequence[str], values: Mapping[KeyT, float]) -> Metric:
    family = CounterMetricFamily(name, words, labels=labels)
    for key, value in values.items():
        family.add_metric(key, value)
    return family


def _daemon(core: Core) -> Iterator[Metric]:
    yield _gauges("harmonie_build_info", "The version that runs", ["version"], {(VERSION,): 1})
    started = core.services.started
    yield _gauge("harmonie_start_time_seconds", "Unix time of the start", started)


def _tasks(core: Core) -> Iterator[Metric]:
    live = Counter((record.kind, record.state.value) for record in core.runner.running())
    words = "Tasks that have not ended, by kind and state"
    yield _gauges("harmonie_tasks", words, ["kind", "state"], live)
    ended = {(kind, state.value): n for (kind, state), n in core.runner.outcomes.items()}
    words = "Tasks that ended since the start, by kind and state"
    yield _counters("harmonie_tasks_ended", words, ["kind", "state"], ended)
    words = "Pushes since the start, by target and result"
    results = dict(core.refresher.push_results)
    yield _counters("harmonie_pushes", words, ["target", "result"], results)


def _scan(core: Core) -> Iterator[Metric]:
    scan = core.scan.status()
    is_running = scan.state == "scanning"
    yield _gauge("harmonie_scan_running", "1 while a scan runs", is_running)
    yield _gauge("harmonie_scan_paused", "1 while no file is begun", scan.paused)
    words = "Files of this scan or the last one, by what became of them"
    files = {
        ("found",): scan.discovered, ("to_do",): scan.to_do, ("done",): scan.done,
        ("failed",): scan.failed, ("skipped",): scan.skipped, ("moved",): scan.moved,
        ("removed",): scan.removed,
    }  # fmt: skip
    yield _gauges("harmonie_scan_files", words, ["what"], files)
    share = scan.done / scan.to_do if scan.to_do else float(not is_running)
    yield _gauge("harmonie_scan_progress_ratio", "How far it is, 0 to 1", min(1.0, share))
    if scan.finished_at is not None:
        words = "Unix time at which the last scan ended"
        yield _gauge("harmonie_scan_finished_time_seconds", words, scan.finished_at)


def _index(core: Core) -> Iterator[Metric]:
    index = core.services.spaces.standing
    if index is not None:
        yield _gauge("harmonie_index_tracks", "Tracks in memory", index.tracks)
        yield _gauge("harmonie_index_vectors", "Of them with a vector", index.vectors)
        yield _gauge("harmonie_index_generation", "Changes taken in", index.generation)
        words = "Unix time at which the index was last brought up to date"
        yield _gauge("harmonie_index_built_time_seconds", words, index.built_at)


def _providers(core: Core) -> Iterator[Metric]:
    standing: dict[tuple[str, ...], float] = {}
    calls: dict[tuple[str, ...], float] = {}
    failures: dict[tuple[str, ...], float] = {}
    for name, provider in (("gemini", core.words.gemini), ("qloo", core.outside.qloo)):
        if provider is not None:
            standing[name,] = provider.standing is Standing.CONNECTED
            calls[name,] = provider.calls
            failures |= {(name, fault.value): n for fault, n in provider.failures.items()}
    yield _gauges("harmonie_provider_up", "1 if it answered last", ["provider"], standing)
    yield _counters("harmonie_provider_calls", "Requests sent to it", ["provider"], calls)
    words = "Requests that it did not answer, by the reason"
    yield _counters("harmonie_provider_failures", words, ["provider", "fault"], failures)
    if core.outside.qloo is not None:
        words = "1 while it is left alone after failures"
        is_open = {("qloo",): core.outside.qloo.breaker.is_open}
        yield _gauges("harmonie_provider_breaker_open", words, ["provider"], is_open)


def _caches(core: Core) -> Iterator[Metric]:
    answers: dict[tuple[str, ...], float] = {}
    entries: dict[tuple[str, ...], float] = {}
    size: dict[tuple[str, ...], float] = {}
    for cache in core.outside.caches.all:
        name, counts = cache.name.rpartition(":")[2], cache.counts
        answers |= {
            (name, "memory"): counts.memory, (name, "redis"): counts.redis,
            (name, "shared"): cache.flights.shared, (name, "made"): counts.made,
            (name, "failed"): counts.failed,
        }  # fmt: skip
        entries[name,], size[name,] = len(cache.memory), cache.memory.size_bytes
    words = "Answers asked of a cache, by where they came from"
    yield _counters("harmonie_cache_answers", words, ["cache", "source"], answers)
    yield _gauges("harmonie_cache_entries", "Answers in memory", ["cache"], entries)
    yield _gauges("harmonie_cache_bytes", "Memory that they take", ["cache"], size)
    redis = core.outside.caches.redis
    if redis is not None:
        yield _gauge("harmonie_redis_up", "1 if Redis answered last", redis.is_there)
        yield _counters("harmonie_redis_failures", "Times it did not", [], {(): redis.failures})


def _limiter(limiter: RateLimiter) -> Iterator[Metric]:
    words = "Requests of families that have a limit, by outcome"
    outcomes = {("granted",): limiter.granted, ("refused",): limiter.refused}
    yield _counters("harmonie_rate_limit_requests", words, ["outcome"], outcomes)
    words = "Windows that are kept, for each client one or two"
    yield _gauge("harmonie_rate_limit_windows", words, len(limiter.windows))


async def _stored(core: Core) -> AsyncIterator[Metric]:
    """What the database is asked for; without it, the rest is told all the same."""
    try:
        counts = await core.store.tracks.counts()
        targets = [await core.playlists.backoff(name) for name in core.refresher.targets]
    except StoreError:
        yield _gauge("harmonie_database_up", "1 if the database answers", 0)
        return
    yield _gauge("harmonie_database_up", "1 if the database answers", 1)
    yield _gauge("harmonie_tracks", "Tracks of the library", counts.tracks)
    yield _gauge("harmonie_tracks_failed", "Files that could not be decoded", counts.failed)
    words = "Playing time of the library"
    yield _gauge("harmonie_library_duration_seconds", words, counts.total_duration_s)
    failures = {(state.target,): float(state.failures) for state in targets}
    words = "Pushes in a row that did not succeed"
    yield _gauges("harmonie_push_failures_in_a_row", words, ["target"], failures)
    succeeded = {
        (state.target,): state.last_success_at
        for state in targets
        if state.last_success_at is not None
    }
    words = "Unix time of the last push that succeeded"
    yield _gauges("harmonie_push_success_time_seconds", words, ["target"], succeeded)
