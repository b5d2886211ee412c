"""What was asked for and how long it took, written down as Prometheus reads it (format 0.0.4).

``api_requests_total`` and ``api_request_duration_seconds`` have the labels that BeatTeller's
document shows and no more, so that what was written against it finds one series each. By family and
status, and by endpoint and time, requests are counted under names of ours. Labels are the patterns
of routes, never paths: what anybody makes up is one label.
"""

from __future__ import annotations

import time
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.metrics_core import CounterMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from harmonie_daemon.web.access import KEY
from harmonie_daemon.web.answers import Text
from harmonie_daemon.web.aside import aside
from harmonie_daemon.web.endpoint import Call, Endpoint, Nothing
from harmonie_daemon.web.families import Families

BOUNDS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
MEDIA_TYPE = "text/plain; version=0.0.4"
UNMATCHED = "unmatched"
"""The endpoint of requests that no route has."""
OTHER_METHOD = "OTHER"
CLIENT_LEFT = 499
"""The status of requests whose client did not wait for the answer, as nginx has it."""
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_PREFIX = "/api"


class RequestCounts:
    """Plain numbers, which the event loop alone counts up; a scrape copies them."""

    def __init__(self) -> None:
        self._requests: defaultdict[tuple[str, str], int] = defaultdict(int)
        self._seconds: defaultdict[tuple[str, str], float] = defaultdict(float)
        self._responses: defaultdict[tuple[str, str], int] = defaultdict(int)
        self._buckets = [0] * (len(BOUNDS_S) + 1)
        self._sum_s = 0.0

    def count(self, request: web.Request, family: str, status: int, took_s: float | None) -> None:
        """Count a request; ``took_s`` is ``None`` where the client's patience sets the time."""
        resource = request.match_info.route.resource
        endpoint = UNMATCHED if resource is None else resource.canonical
        method = request.method if request.method in _METHODS else OTHER_METHOD
        self._requests[method, endpoint] += 1
        self._responses[family, str(status)] += 1
        if took_s is not None:
            self._seconds[method, endpoint] += took_s
            self._buckets[bisect_left(BOUNDS_S, took_s)] += 1
            self._sum_s += took_s

    def families(self) -> Iterator[Metric]:
        """All of it."""
        yield _by_endpoint(
            "api_requests", "Total number of API requests", list(self._requests.items())
        )
        yield self._durations()
        yield _by_endpoint(
            "harmonie_request_seconds",
            "Time that requests took, files and streams not among them",
            list(self._seconds.items()),
        )
        responses = CounterMetricFamily(
            "harmonie_responses", "Answers by family and status", labels=("family", "status")
        )
        for labels, count in list(self._responses.items()):
            responses.add_metric(labels, count)
        yield responses

    def _durations(self) -> Metric:
        total, buckets = 0, []
        for bound, count in zip((*map(str, BOUNDS_S), "+Inf"), self._buckets, strict=True):
            total += count
            buckets.append((bound, total))
        family = HistogramMetricFamily(
            "api_request_duration_seconds", "Request duration in seconds"
        )
        family.add_metric([], buckets=buckets, sum_value=self._sum_s)
        return family


def _by_endpoint(
    name: str, words: str, values: Sequence[tuple[tuple[str, str], float]]
) -> CounterMetricFamily:
    """Paths that differ in ``/api`` alone are one endpoint, as the document writes them."""
    merged: defaultdict[tuple[str, str], float] = defaultdict(float)
    for (method, endpoint), value in values:
        merged[method, endpoint.removeprefix(_PREFIX) or "/"] += value
    family = CounterMetricFamily(name, words, labels=("method", "endpoint"))
    for labels, value in merged.items():
        family.add_metric(labels, value)
    return family


def metrics_middleware(counts: RequestCounts, families: Families) -> Middleware:
    """Counts every request by what became of it. Stands first."""

    @web.middleware
    async def measure(request: web.Request, handler: Handler) -> web.StreamResponse:
        began, status, is_whole = time.perf_counter(), CLIENT_LEFT, False
        try:
            response = await handler(request)
            status, is_whole = response.status, isinstance(response, web.Response)
        except web.HTTPException as error:
            status, is_whole = error.status, True
            raise
        else:
            return response
        finally:
            took_s = time.perf_counter() - began if is_whole else None
            counts.count(request, families.family(request).name, status, took_s)

    return measure


@dataclass(frozen=True, slots=True)
class Metrics:
    """What is measured of the whole daemon."""

    gather: Callable[[], Awaitable[Iterable[Metric]]]


async def get_metrics(call: Call[Metrics, Nothing, Nothing, Nothing]) -> Text:
    """As Prometheus reads it."""
    families = list(await call.deps.gather())
    return Text(await aside(call.request.app, lambda: written(families)))


def metrics_endpoint(path: str, *, tag: str) -> Endpoint:
    """Where a family answers with the metrics."""
    return Endpoint(
        "GET",
        path,
        get_metrics,
        summary="Metrics for Prometheus",
        tag=tag,
        description="Requests, tasks, scan, index, pushes, providers, caches and limits.",
        media_types=(MEDIA_TYPE,),
        access=KEY,
        is_unlimited=True,
    )


class _Gathered(Collector):
    def __init__(self, families: Sequence[Metric]) -> None:
        self._families = families

    def collect(self) -> Iterable[Metric]:
        return self._families


def written(families: Sequence[Metric]) -> str:
    """Metrics in the text format, through a registry of their own."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Gathered(families))
    return generate_latest(registry).decode()
