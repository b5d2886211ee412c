"""Whose latest piece is whose, and how many callers are remembered."""

from __future__ import annotations

import uuid

from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from harmonie_daemon.api.stalgia.callers import MOST_CALLERS, Callers
from harmonie_daemon.domain.composition import CompositionId


def request(agent: str, cookie: str | None = None) -> web.Request:
    headers = {"User-Agent": agent}
    if cookie is not None:
        headers["Cookie"] = f"stalgia_latest={cookie}"
    return make_mocked_request("GET", "/download/midi", headers=headers)


def piece() -> CompositionId:
    return CompositionId(str(uuid.uuid4()))


def test_the_cookie_holds_the_piece_and_wins() -> None:
    callers, one, other = Callers(), piece(), piece()
    cookie = callers.made(request("a"), one)
    assert (cookie.value, cookie.path) == (one, "/download")
    callers.made(request("a"), other)
    assert callers.latest(request("a")) == other
    assert callers.latest(request("a", cookie=one)) == one
    assert callers.latest(request("a", cookie="made up")) == other
    assert callers.latest(request("b")) is None


def test_only_so_many_callers_are_remembered() -> None:
    callers = Callers()
    pieces = [piece() for _ in range(MOST_CALLERS + 1)]
    for number, made in enumerate(pieces):
        callers.made(request(f"agent {number}"), made)
    assert callers.latest(request("agent 0")) is None
    assert callers.latest(request("agent 1")) == pieces[1]
    assert callers.latest(request(f"agent {MOST_CALLERS}")) == pieces[-1]


def test_a_name_without_an_end_is_not_kept() -> None:
    callers, made = Callers(), piece()
    callers.made(request("x" * 5_000), made)
    assert callers.latest(request("x" * 200)) == made
