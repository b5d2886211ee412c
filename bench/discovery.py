"""Questions in words to a real daemon over HTTP, beside a LIKE scan of the same table.

    python bench/discovery.py CACHE [--tracks N] [--seconds S]

The library is made up (``worded_library.py``): once, in the folder CACHE, and reused. The scan is
what a search without an index would be: ``LIKE '%…%'`` over title, artist and album, counted and
cut to a page, straight on the database and without HTTP. Hardly anything is asked twice, so that
no cache answers.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import quote

import apsw
import load
from questions import Ask, Request
from rich.console import Console
from rich.table import Table
from served import BENCH, Checkout, Served
from worded_library import vocabulary

WARM_UP = 3
SCANS = 15
PAGE = 20
UNLIMITED = {"HARMONIE_RATE_LIMIT_PER_HOUR": "0", "HARMONIE_RATE_LIMIT_PER_MINUTE": "0"}
MOODS = "calm,sad,happy,dark,aggressive,dreamy,epic,romantic,mellow,tense,playful,warm"
STYLES = "death metal,ambient,house,techno,bossa nova,indie rock,folk,orchestral,jazz,dub,punk,soul"
MORE = (
    "with guitars,without vocals,for studying,for a party,from the 80s,from 2007,not too fast,fast,"
    "slow,at 120 bpm,for a night drive,but no drums,for children,with strings"
)
LIKE = """
SELECT id FROM tracks WHERE {conditions} ORDER BY id LIMIT {page}
"""
COUNT = "SELECT count(*) FROM tracks WHERE {conditions}"
COLUMNS = ("title", "artist", "album")


def main() -> None:
    """Measure and print one table."""
    options = _options()
    library = _library(options.cache.absolute(), options.tracks)
    names = _names(library / "harmonie.db")
    table = Table(title=f"{options.tracks} tracks, 1 connection")
    for heading in ("question", "p50 ms", "p99 ms", "CPU ms", "/health p99 ms", "of the scan"):
        table.add_column(heading, justify="left" if heading == "question" else "right")
    scan_ms = _scan(library / "harmonie.db")
    table.add_row("LIKE scan, no HTTP", f"{scan_ms:.1f}", "", "", "", "1.00", end_section=True)
    with (
        tempfile.TemporaryDirectory(prefix="harmonie-bench-") as work,
        Served(Checkout.here(), library, Path(work), **UNLIMITED) as served,
    ):
        print(f"after its start: {_memory(served)}")
        for name, ask in _questions(names).items():
            _row(table, name, _measured(served, ask, options), scan_ms)
        print(f"at the end: {_memory(served)}")
    Console(width=120).print(table)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Questions in words to a real daemon.")
    parser.add_argument("cache", type=Path, help="folder for the made-up library")
    parser.add_argument("--tracks", type=int, default=100_000)
    parser.add_argument("--seconds", type=float, default=8.0, help="for each question")
    return parser.parse_args()


def _library(cache: Path, tracks: int) -> Path:
    folder = cache / f"{tracks}-worded-tracks"
    if not folder.exists():
        unfinished = folder.with_suffix(".unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        command = [sys.executable, BENCH / "worded_library.py", unfinished, str(tracks)]
        subprocess.run(command, check=True, cwd=BENCH.parent)
        unfinished.rename(folder)
    return folder


def _names(database: Path) -> list[str]:
    """Some artists and titles of the library."""
    with apsw.Connection(str(database), flags=apsw.SQLITE_OPEN_READONLY) as connection:
        rows = connection.execute(
            "SELECT artist, title FROM tracks WHERE id % 50 = 1 ORDER BY id"
        ).fetchall()
    return [name for row in rows for name in row]


def _scan(database: Path) -> float:
    """Milliseconds of the median scan."""
    words = vocabulary()
    chance = random.Random(0)
    with apsw.Connection(str(database), flags=apsw.SQLITE_OPEN_READONLY) as connection:
        connection.pragma("cache_size", -16_384)  # as a reader of the daemon
        taken = [_one_scan(connection, _searched(chance, words)) for _ in range(SCANS + 1)]
    return load.percentile(taken[1:], 50) * 1e3


def _one_scan(connection: apsw.Connection, search: str) -> float:
    parts = [f"%{word}%" for word in search.split()]
    each = " OR ".join(f"{column} LIKE ?" for column in COLUMNS)
    conditions = " AND ".join(f"({each})" for _ in parts)
    values = [part for part in parts for _ in COLUMNS]
    began = time.perf_counter()
    connection.execute(COUNT.format(conditions=conditions), values).fetchall()
    connection.execute(LIKE.format(conditions=conditions, page=PAGE), values).fetchall()
    return time.perf_counter() - began


def _searched(chance: random.Random, words: list[str]) -> str:
    """One or two words, frequent ones more often, sometimes only a piece of one."""
    chosen = [words[int(len(words) ** chance.random()) - 1] for _ in range(chance.randint(1, 2))]
    if chance.random() < 0.3 and len(chosen[0]) > 4:
        chosen[0] = chosen[0][1:]
    return " ".join(chosen)


def _questions(names: list[str]) -> dict[str, Ask]:
    words = vocabulary()

    def search(order: str, *, deep: bool = False) -> Ask:
        def ask(chance: random.Random, _: int) -> Request:
            offset = chance.randint(100, 2_000) if deep else 0
            asked = f"q={quote(_searched(chance, words))}&limit={PAGE}&offset={offset}{order}"
            return Request(f"/api/v1/tracks?{asked}")

        return ask

    def posted(path: str, body: Callable[[random.Random], dict[str, object]]) -> Ask:
        return lambda chance, _: Request(path, json.dumps(body(chance)).encode())

    return {
        "text search, 20": search(""),
        "text search by tempo, 20": search("&order_by=bpm"),
        "text search, a deep page": search("", deep=True),
        "text search under a filter": search("&bpm=110..120"),
        "discover, 10": posted("/api/discover", lambda chance: {"input": _wish(chance, names)}),
        "discover, 50": posted(
            "/api/discover", lambda chance: {"input": _wish(chance, names), "limit": 50}
        ),
        "recommendations, 8": posted(
            "/api/recommendations", lambda chance: {"seed_entity": chance.choice(names)}
        ),
        "playlist-generator, 60 minutes": posted(
            "/api/playlist-generator", lambda chance: {"theme": _wish(chance, names)}
        ),
    }


def _wish(chance: random.Random, names: list[str]) -> str:
    """A sentence that hardly comes twice."""
    parts = [chance.choice(some.split(",")) for some in (MOODS, STYLES, MORE)]
    if chance.random() < 0.3:
        parts.append(f"like {chance.choice(names)}")
    return f"{' '.join(parts)} {chance.choice(names)}"


def _measured(served: Served, ask: Ask, options: argparse.Namespace) -> load.Measured | None:
    """``None`` if the daemon has no such operation."""
    if not _is_served(served, ask(random.Random(0), options.tracks)):
        return None
    load.measure(served, ask, options.tracks, connections=1, seconds=0.5, seed=1)
    return load.measure(served, ask, options.tracks, connections=1, seconds=options.seconds, seed=2)


def _is_served(served: Served, request: Request) -> bool:
    connection = HTTPConnection(served.address, timeout=load.REQUEST_TIMEOUT_S)
    method = "GET" if request.body is None else "POST"
    connection.request(method, request.path, request.body, {"Content-Type": "application/json"})
    with connection.getresponse() as answer:
        return answer.status != 404


def _row(table: Table, name: str, measured: load.Measured | None, scan_ms: float) -> None:
    if measured is None:
        table.add_row(name, *["-"] * 5)
        return
    figures = measured.figures()
    shown = [f"{figures[key]:.1f}" for key in ("p50 ms", "p99 ms", "CPU ms", "/health p99 ms")]
    table.add_row(name, *shown, f"{figures['p50 ms'] / scan_ms:.2f}")


def _memory(served: Served) -> str:
    resident, most = served.memory_mib()
    return f"{resident:.0f} MiB resident, {most:.0f} MiB at most"


if __name__ == "__main__":
    main()
