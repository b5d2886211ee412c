"""What Prometheus reads of the real daemon."""

from __future__ import annotations

import os
import re
import subprocess
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.e2e.harness import Daemon

KEY = "a key of metrics"
PROJECT = Path(__file__).parents[2]
NOBODY = "http://127.0.0.1:1"


def scraped(daemon: Daemon, path: str) -> str:
    request = urllib.request.Request(daemon.url + path, headers={"Authorization": f"Bearer {KEY}"})
    with urllib.request.urlopen(request, timeout=60) as response:
        assert response.headers["Content-Type"].startswith("text/plain; version=0.0.4")
        return str(response.read().decode())


def test_the_daemon_tells_prometheus_how_it_stands(tmp_path: Path) -> None:
    music = tmp_path / "music"
    music.mkdir()
    daemon = Daemon(
        tmp_path,
        [music],
        api_key=KEY,
        qloo_api_key="a key",
        qloo_base_url=NOBODY,
        cache_redis_url="redis://127.0.0.1:1",
    ).start()
    try:
        daemon.wait_idle()
        assert daemon.request("POST", "/api/discover", {"input": "calm"})[0] == 200
        assert daemon.request("GET", "/nowhere")[0] == 404
        with pytest.raises(urllib.error.HTTPError, match="401"):
            urllib.request.urlopen(daemon.url + "/metrics", timeout=60)
        assert "api_requests_total" in scraped(daemon, "/api/metrics")
        text = scraped(daemon, "/metrics")
        families = {family.name: family for family in text_string_to_metric_families(text)}
        values = {
            (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
            for family in families.values()
            for sample in family.samples
        }
    finally:
        daemon.stop()
    assert values["api_requests_total", "/discover", "POST"] == 1
    assert values["api_requests_total", "unmatched", "GET"] == 1
    assert values["api_request_duration_seconds_count",] >= 3
    assert values["harmonie_responses_total", "beatteller", "200"] >= 1
    assert values["harmonie_tasks_ended_total", "scan", "SUCCESS"] == 1
    assert values["harmonie_scan_running",] == 0
    assert values["harmonie_index_tracks",] == values["harmonie_tracks",] == 0
    assert values["harmonie_cache_answers_total", "stories", "made"] == 0
    assert values["harmonie_rate_limit_requests_total", "granted"] == 1
    assert ("harmonie_provider_breaker_open", "qloo") in values
    assert ("harmonie_redis_up",) in values
    document = (PROJECT / "docs/metrics.md").read_text(encoding="utf-8")
    documented = re.findall(r"`((?:api|harmonie)_[a-z_]+)`", document.partition("\n`endpoint`")[0])
    assert set(re.findall(r"^# TYPE (\S+)", text, re.MULTILINE)) == set(documented)
    alerts = (PROJECT / "integrations/prometheus/harmonie-alerts.yml").read_text(encoding="utf-8")
    assert set(re.findall(r"\bharmonie_[a-z_]+", alerts)) <= set(documented)
    assert KEY not in text
    assert str(tmp_path) not in text
    if program := os.environ.get("HARMONIE_TEST_PROMTOOL"):
        check = [program, "check", "metrics"]
        done = subprocess.run(check, input=text, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout + done.stderr) == (0, "")
