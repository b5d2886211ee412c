"""What a daemon with a made-up library is asked, the same sequence for everybody."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request; a body makes it a POST."""

    path: str
    body: bytes | None = None


Ask = Callable[[random.Random, int], Request]
"""The next request, from chance and the number of tracks (their ids are 1 to that)."""


def similar(limit: int) -> Ask:
    """The neighbours of some track."""
    return lambda chance, tracks: Request(_similar(chance, tracks, limit))


def similar_filtered(chance: random.Random, tracks: int) -> Request:
    """Among the tracks of one tempo: about one in a thousand."""
    tempo = chance.uniform(110.0, 125.0)
    return Request(f"{_similar(chance, tracks, 10)}&bpm={tempo:.4f}..{tempo + 0.064:.4f}")


def _similar(chance: random.Random, tracks: int, limit: int) -> str:
    return f"/api/v1/tracks/{chance.randint(1, tracks)}/similar?limit={limit}"


def playlist(n: int) -> Ask:
    """A walk from some track."""

    def ask(chance: random.Random, tracks: int) -> Request:
        body = {"mode": "similar", "n": n, "seeds": [chance.randint(1, tracks)], "rng_seed": 1}
        return Request("/api/v1/playlists", json.dumps(body).encode())

    return ask


def page(limit: int, *, order_by: str = "id", deep: bool = False) -> Ask:
    """A page near the beginning, or of the last tenth."""

    def ask(chance: random.Random, tracks: int) -> Request:
        last = max(0, tracks - limit)
        offset = chance.randint(last * 9 // 10, last) if deep else chance.randint(0, last // 100)
        return Request(f"/api/v1/tracks?limit={limit}&offset={offset}&order_by={order_by}")

    return ask


def plain(path: str) -> Ask:
    """Always the same."""
    return lambda chance, tracks: Request(path)


QUESTIONS: dict[str, Ask | None] = {
    "nothing": None,
    "health": plain("/health"),
    "list of 100": page(100),
    "similar, 10": similar(10),
    "similar, 10, filter 0.1 %": similar_filtered,
    "similar, 500": similar(500),
    "playlist of 20": playlist(20),
    "playlist of 500": playlist(500),
    "list of 500": page(500),
    "list of 1000": page(1000),
    "deep page of 100 by id": page(100, deep=True),
    "deep page of 100 by path": page(100, order_by="path", deep=True),
    "genres": plain("/api/v1/genres"),
    "styles": plain("/api/v1/styles"),
}
"""``None``: nobody asks anything; what /health waits then is the machine's own noise."""
