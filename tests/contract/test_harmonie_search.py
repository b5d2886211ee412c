"""Tracks by words: the parameter ``q``."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from tests.servers import Client
from tests.store.test_texts import HOSTILE

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def found(api: Client, search: str, more: str = "") -> list[int]:
    page: Any = (await api.get(f"/api/v1/tracks?q={quote(search)}{more}")).json
    assert page["total"] == len(page["items"])
    return [item["id"] for item in page["items"]]


@pytest.mark.parametrize(
    ("search", "ids"),
    [
        ("joga", [6]),
        ("JÓGA björk", [6]),
        ("aphex", [1, 2]),
        ("phex am", [1, 2]),
        ("black metal", [5]),
        ("unknown", [7]),
        ("trap", [8]),
        ("nobody at all", []),
    ],
)
async def test_tracks_have_every_word(api: Client, search: str, ids: list[int]) -> None:
    assert await found(api, search) == ids


async def test_words_go_with_filters_order_and_pages(api: Client) -> None:
    assert await found(api, "aphex", "&bpm=100..") == [2]
    assert await found(api, "aphex", "&order_by=duration") == [1, 2]
    page = (await api.get("/api/v1/tracks?q=aphex&limit=1&offset=1")).json
    assert ([item["id"] for item in page["items"]], page["total"]) == ([2], 2)


async def test_a_blank_search_is_none(api: Client) -> None:
    assert (await api.get("/api/v1/tracks?q=%20")).json["total"] == 10


async def test_a_search_without_words_says_so(api: Client) -> None:
    answer = await api.get("/api/v1/tracks?q=!!!")
    assert (answer.status, answer.detail) == (
        400,
        "q holds neither a letter nor a digit; name a word to look for",
    )


async def test_a_search_is_bounded(api: Client) -> None:
    assert (await api.get(f"/api/v1/tracks?q={'x' * 500}")).status == 200
    assert (await api.get(f"/api/v1/tracks?q={'x' * 501}")).status == 422


@pytest.mark.parametrize("search", HOSTILE, ids=range(len(HOSTILE)))
async def test_no_search_is_a_fault(api: Client, search: str) -> None:
    text = quote(search[:500].encode("utf-8", "surrogatepass"))
    assert (await api.get(f"/api/v1/tracks?q={text}")).status in (200, 400)
