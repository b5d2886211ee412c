"""What Prometheus is told of requests."""

from __future__ import annotations

import asyncio
import os
import subprocess
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.parser import text_string_to_metric_families
from yarl import URL

from harmonie_daemon.web.application import make_application
from harmonie_daemon.web.auth import AccessRules
from harmonie_daemon.web.keys import PROVIDED
from harmonie_daemon.web.metrics import Metrics, RequestCounts, metrics_endpoint, written
from tests.servers import Client, serving
from tests.web.toy import OPEN_HOUSE, toy_families

KEY = {"X-API-Key": "the key"}


@asynccontextmanager
async def measured(rules: AccessRules = OPEN_HOUSE) -> AsyncIterator[Client]:
    counts = RequestCounts()

    async def gather() -> Iterable[Metric]:
        return counts.families()

    families = toy_families(
        (metrics_endpoint("/metrics", tag="Toy"),), (metrics_endpoint("/api/metrics", tag="Toy"),)
    )
    app = make_application(families, rules, title="Toy", version="1", counts=counts)
    app.router.add_get("/stream", stream)
    app[PROVIDED].put(Metrics(gather))
    async with serving(app) as client:
        yield client


async def stream(request: web.Request) -> web.StreamResponse:
    """Takes its time."""
    response = web.StreamResponse()
    await response.prepare(request)
    await response.write_eof(b"at last")
    return response


def samples(text: str) -> Mapping[str, float]:
    """Each line by its name and labels, as the official parser reads it."""
    return {
        f"{sample.name}{sorted(sample.labels.items())}": sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


async def lines(client: Client, start: str) -> list[str]:
    """What is said under a name."""
    text = (await client.get("/metrics", headers=KEY)).text
    assert samples(text)
    return sorted(line for line in text.splitlines() if line.startswith(start))


async def test_the_names_and_labels_of_the_document_are_there_and_no_more() -> None:
    async with measured() as client:
        for _ in range(3):
            await client.post("/toy/add", {"count": 1})
        answer = await client.get("/metrics")
        text = answer.text.splitlines()
        assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    for line in (
        "# HELP api_requests_total Total number of API requests",
        "# TYPE api_requests_total counter",
        'api_requests_total{endpoint="/toy/add",method="POST"} 3.0',
        "# HELP api_request_duration_seconds Request duration in seconds",
        "# TYPE api_request_duration_seconds histogram",
        'api_request_duration_seconds_bucket{le="+Inf"} 3.0',
        "api_request_duration_seconds_count 3.0",
    ):
        assert line in text
    assert any(line.startswith('api_request_duration_seconds_bucket{le="0.1"} ') for line in text)


async def test_labels_are_patterns_and_never_what_somebody_made_up() -> None:
    async with measured() as client:
        for number in range(20):
            await client.get(f"/toy/shout/{number}?word=x{number}")
            await client.get(f"/toy/{number}")
            await client.get(f"/elsewhere/{number}")
            await client.ask("PROPFIND", f"/elsewhere/{number}")
            await client.ask("DELETE", f"/toy/shout/{number}")
        assert await lines(client, "api_requests_total") == [
            'api_requests_total{endpoint="/toy/shout/{number}",method="GET"} 20.0',
            'api_requests_total{endpoint="unmatched",method="DELETE"} 20.0',
            'api_requests_total{endpoint="unmatched",method="GET"} 40.0',
            'api_requests_total{endpoint="unmatched",method="OTHER"} 20.0',
        ]


async def test_api_is_left_out_of_the_endpoint() -> None:
    async with measured() as client:
        await client.get("/api/metrics")
        await client.get("/metrics")
        assert await lines(client, "api_requests_total") == [
            'api_requests_total{endpoint="/metrics",method="GET"} 2.0'
        ]


async def test_answers_are_counted_by_family_and_status() -> None:
    async with measured(AccessRules("the key", ("127.0.0.1",))) as client:
        await client.get("/toy/count", headers=KEY)
        await client.get("/toy/count")
        await client.get("/toy/fail/unforeseen", headers=KEY)
        await client.get("/toy/other/nothing", headers=KEY)
        await client.get("/", headers=KEY)
        assert await lines(client, "harmonie_responses_total") == [
            'harmonie_responses_total{family="other",status="404"} 1.0',
            'harmonie_responses_total{family="toy",status="200"} 1.0',
            'harmonie_responses_total{family="toy",status="302"} 1.0',
            'harmonie_responses_total{family="toy",status="401"} 1.0',
            'harmonie_responses_total{family="toy",status="500"} 1.0',
        ]


async def test_streams_are_counted_but_not_timed() -> None:
    async with measured() as client:
        assert (await client.get("/stream")).text == "at last"
        (requests,) = await lines(client, "api_requests_total")
        assert requests == 'api_requests_total{endpoint="/stream",method="GET"} 1.0'
        # the first scrape, and nothing else
        assert await lines(client, "api_request_duration_seconds_count") == [
            "api_request_duration_seconds_count 1.0"
        ]


async def test_who_leaves_before_the_answer_is_counted_as_having_left() -> None:
    async with measured() as client:
        _, writer = await asyncio.open_connection("127.0.0.1", URL(client.base).port)
        writer.write(b"POST /toy/add HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n")
        await writer.drain()
        writer.close()
        async with asyncio.timeout(10):
            while not await lines(client, 'harmonie_responses_total{family="toy",status="4'):
                await asyncio.sleep(0.01)


@pytest.mark.parametrize("path", ["/metrics", "/api/metrics"])
async def test_where_there_is_a_key_it_is_asked_for(path: str) -> None:
    async with measured(AccessRules("the key", ("127.0.0.1",))) as client:
        assert (await client.get(path)).status == 401
        assert (await client.get(path, headers={"Authorization": "Bearer the key"})).status == 200


def test_whatever_a_label_says_can_be_read_again() -> None:
    family = GaugeMetricFamily("x", 'a "help"\nline', labels=("label",))
    family.add_metric(('"\\\n{}=,é',), 1)
    assert samples(written([family])) == {"x[('label', '\"\\\\\\n{}=,é')]": 1.0}


async def test_promtool_finds_nothing_to_say() -> None:
    program = os.environ.get("HARMONIE_TEST_PROMTOOL")
    if not program:
        pytest.skip("HARMONIE_TEST_PROMTOOL names no promtool; .ci/run does")
    async with measured() as client:
        await client.post("/toy/add", {"count": 1})
        text = (await client.get("/metrics")).text
    check = [program, "check", "metrics"]
    done = await asyncio.to_thread(
        subprocess.run, check, input=text, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout + done.stderr) == (0, "")
