"""Limits, sessions and tokens of the real daemon."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from dataclasses import dataclass
from email.message import Message
from pathlib import Path
from typing import Any

from tests.e2e.harness import Daemon

KEY = "a key of guards"
SECRET = "a secret of the page"


@dataclass(frozen=True)
class Told:
    """An answer."""

    status: int
    headers: Message
    body: Any


def ask(daemon: Daemon, method: str, path: str, body: object = None, **headers: str) -> Told:
    data = None if body is None else json.dumps(body).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    request = urllib.request.Request(daemon.url + path, data, named, method=method)
    try:
        with urllib.request.urlopen(request, timeout=60) as response:
            return Told(response.status, response.headers, json.load(response))
    except urllib.error.HTTPError as error:
        with error:
            return Told(error.code, error.headers, json.load(error))


def test_a_page_uses_the_api_in_a_session_as_often_as_it_may(tmp_path: Path) -> None:
    music = tmp_path / "music"
    music.mkdir()
    calm = {"input": "calm"}
    daemon = Daemon(tmp_path, [music], api_key=KEY, secret_key=SECRET, trusted_proxies="127.0.0.1")
    daemon.environment |= {"RATE_LIMIT": "3 per hour", "HARMONIE_RATE_LIMIT_PER_MINUTE": "0"}
    daemon.start()
    try:
        assert ask(daemon, "POST", "/api/v1/session").status == 401
        begun = ask(daemon, "POST", "/api/v1/session", X_API_Key=KEY)
        cookie = begun.headers["Set-Cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=Strict" in cookie
        assert "Secure" not in cookie
        by_https = daemon.url.replace("http://", "https://")
        safe = ask(daemon, "POST", "/api/v1/session", X_API_Key=KEY, Origin=by_https)
        assert "Secure" in safe.headers["Set-Cookie"]
        page = {"Cookie": cookie.partition(";")[0], "X_Forwarded_For": "198.51.100.1"}
        token = {"X_CSRF_Token": begun.body["csrf_token"]}
        told = ask(daemon, "GET", "/api/v1/session", **page).body
        assert told["csrf_token"] == begun.body["csrf_token"]
        assert 0 < told["expires_in_s"] <= 12 * 3600

        refused = ask(daemon, "POST", "/api/discover", calm, **page)
        assert (refused.status, refused.body["error"]["code"]) == (403, "FORBIDDEN")
        assert "X-CSRF-Token" in refused.body["error"]["message"]
        assert ask(daemon, "POST", "/api/v1/scan", **page, **token).status == 401
        for remaining in ("1", "0"):
            answer = ask(daemon, "POST", "/api/discover", calm, **page, **token)
            assert (answer.status, answer.headers["X-RateLimit-Remaining"]) == (200, remaining)
            assert answer.headers["X-RateLimit-Limit"] == "3"
        over = ask(daemon, "POST", "/api/discover", calm, **page, **token)
        assert (over.status, over.body["error"]["code"]) == (429, "API_LIMIT_EXCEEDED")
        assert 0 < int(over.headers["Retry-After"]) <= 3600
        assert ask(daemon, "GET", "/api/health", **page).status == 200
        assert ask(daemon, "GET", "/api/v1/status", X_API_Key=KEY).status == 200
        other = {**page, "X_Forwarded_For": "198.51.100.2"}
        assert ask(daemon, "POST", "/api/discover", calm, **other, **token).status == 200

        ended = ask(daemon, "DELETE", "/api/v1/session", **page, **token)
        assert "Max-Age=0" in ended.headers["Set-Cookie"]
        daemon.stop()
        daemon.start()
        assert ask(daemon, "GET", "/api/v1/session", **page).status == 200
        daemon.stop()
        daemon.start(secret_key="another secret")
        assert ask(daemon, "GET", "/api/v1/session", **page).status == 401
    finally:
        daemon.stop()
    log = daemon.log.read_text(encoding="utf-8")
    assert not any(secret in log for secret in (KEY, SECRET, token["X_CSRF_Token"]))
