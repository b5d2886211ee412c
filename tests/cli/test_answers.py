"""``harmonie similar`` and ``playlist``: what they say, above all when there is nothing to show."""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from harmonie_daemon.cli import main
from harmonie_daemon.cli.exits import CommandError, Exit
from harmonie_daemon.cli.main import _parser
from harmonie_daemon.config import Settings
from tests.factories import make_styles, make_tags, make_track, make_vector
from tests.imports import modules_after
from tests.servers import Daemon, daemon

PROJECT = Path(__file__).parents[2]
HOUSE, POP = make_styles("Electronic---House"), make_styles("Pop---Ballad")


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[Daemon]:
    """A daemon with three tracks, the last of which was too short for an embedding."""
    async with daemon(tmp_path) as served:
        await fill(served)
        (tmp_path / "daemon.json").write_text(json.dumps({"url": served.client.base}))
        yield served


@pytest.fixture
def settings(running: Daemon) -> Settings:
    return running.services.settings


async def fill(running: Daemon) -> None:
    for name, vector, styles in (("a", 1.0, HOUSE), ("b\udcff", 0.9, POP), ("c", None, ())):
        await make_track(
            running.tracks,
            f"{name}.flac",
            tags=make_tags(artist=f"Artist {name[0]}", title=name[0]),
            vector=None if vector is None else make_vector(vector, 0.1),
            styles=styles,
        )
    await running.services.spaces.load()


async def ask(settings: Settings, *words: str) -> Exit:
    """What the words on the command line do."""
    options = _parser().parse_args(words)
    answered: Exit = await options.run(settings, options)
    return answered


@pytest.mark.parametrize(
    ("filters", "words"),
    [
        (["genre=Electronik"], "no track has the genre 'Electronik'; there is 'Electronic'"),
        (["style=Hose"], "no track has the style 'Hose'; there is 'House'"),
        (["style=Xyz"], "no track has the style 'Xyz'; /api/v1/styles lists those there are"),
        (["genre=electronic", "bpm=1..2"], "no other track passes the filter"),
    ],
)
async def test_an_empty_answer_says_why(
    settings: Settings, filters: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    options = [word for text in filters for word in ("--filter", text)]
    for command in (["similar", "1"], ["playlist"]):
        with pytest.raises(CommandError, match=f"^{re.escape(words)}$") as refused:
            await ask(settings, *command, *options)
        assert refused.value.exit is Exit.NOT_FOUND
    assert capsys.readouterr().out == ""


async def test_a_track_without_an_embedding_is_explained(settings: Settings) -> None:
    with pytest.raises(CommandError, match=r"Artist c - c .* no embedding, .* short or silent"):
        await ask(settings, "similar", "3")
    with pytest.raises(CommandError, match="no embedding"):
        await ask(settings, "playlist", "3")


async def test_a_playlist_becomes_a_file_that_players_open(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "evening.m3u8"
    assert await ask(settings, "playlist", "--rng-seed", "1", "--m3u8", str(file)) is Exit.DONE
    lines = file.read_text(encoding="utf-8").splitlines()
    assert lines[0] == "#EXTM3U"
    entries = dict(zip(lines[2::2], lines[1::2], strict=True))
    assert entries == {
        "/music/a.flac": "#EXTINF:-1,Artist a - a",
        "/music/c.flac": "#EXTINF:-1,Artist c - c",
    }
    said = capsys.readouterr()
    assert said.out == ""
    assert "b\\ufffd.flac' is left out" in said.err
    assert await ask(settings, "playlist", "--rng-seed", "1", "--m3u8", "-") is Exit.DONE
    assert capsys.readouterr().out == file.read_text(encoding="utf-8")
    with pytest.raises(CommandError, match="cannot be written: No such file"):
        await ask(settings, "playlist", "--m3u8", str(tmp_path / "no" / "x.m3u8"))


async def test_a_daemon_that_cannot_read_its_database_is_not_waited_for(
    running: Daemon,
) -> None:
    await running.services.database.close()
    async with asyncio.timeout(60):
        with pytest.raises(CommandError, match=r"harmonie.db is closed$"):
            await ask(running.services.settings, "status")


def test_the_version_is_the_installed_one(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert ended.value.code == 0
    assert re.fullmatch(r"harmonie \d+\.\d+\.\d+\n", capsys.readouterr().out)


@pytest.mark.parametrize("command", [["similar", "1"], ["playlist"]])
async def test_a_misspelt_filter_is_named(settings: Settings, command: list[str]) -> None:
    with pytest.raises(CommandError, match="'bmp' is not a filter; use bpm, ") as refused:
        await ask(settings, *command, "--filter", "bmp=1")
    assert refused.value.exit is Exit.USAGE


@pytest.mark.parametrize("mode", ["similar", "drift"])
async def test_a_playlist_that_begins_with_a_track_asks_for_one(
    settings: Settings, mode: str
) -> None:
    options = _parser().parse_args(["playlist", "--mode", mode])
    with pytest.raises(CommandError, match=f"{mode} begins with a track: give a path") as caught:
        await options.run(settings, options)
    assert caught.value.exit is Exit.USAGE


def test_ctrl_c_while_a_command_is_loaded_prints_no_traceback(tmp_path: Path) -> None:
    (tmp_path / "aiohttp.py").write_text("import os, signal\nos.kill(os.getpid(), signal.SIGINT)\n")
    done = subprocess.run(
        [sys.executable, "-m", "harmonie_daemon", "--version"],
        env={**os.environ, "PYTHONPATH": f"{tmp_path}:{PROJECT}"},
        check=False, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (Exit.INTERRUPTED, "", "")


def test_no_command_loads_what_takes_long_and_is_rarely_needed() -> None:
    loaded = modules_after("import harmonie_daemon.cli.main")
    assert not loaded & {"scipy.stats", "scipy.signal", "essentia", "onnxruntime", "matplotlib"}


async def test_a_search_shows_the_best_matches_and_how_many_more(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await ask(settings, "search", "ARTÍST", "-n", "2") is Exit.DONE
    shown = capsys.readouterr().out
    assert "Artist a - a" in shown
    assert "and 1 more; --limit shows them" in shown
    assert await ask(settings, "search", "artist", "--json", "--filter", "genre=Pop") is Exit.DONE
    assert [item["id"] for item in json.loads(capsys.readouterr().out)["items"]] == [2]


@pytest.mark.parametrize("option", ["--forget", "--import"])
async def test_nobody_is_forgotten_while_another_is_named(settings: Settings, option: str) -> None:
    with pytest.raises(CommandError, match="name one user alone") as raised:
        await ask(settings, "plays", "bob", option, "alice")
    assert raised.value.exit is Exit.USAGE


@pytest.mark.parametrize(
    ("user", "said"),
    [((), "nobody has played anything yet"), (("bob",), "bob has played nothing yet")],
)
async def test_where_nothing_was_played_it_is_said_by_whom(
    settings: Settings, capsys: pytest.CaptureFixture[str], user: tuple[str, ...], said: str
) -> None:
    assert await ask(settings, "plays", *user) is Exit.NOT_FOUND
    assert capsys.readouterr().out == f"{said}, as far as is known\n"


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["nobody"], "no track has all of the words 'nobody'"),
        (["artist", "--filter", "genre=Jaz"], r"no track has the genre 'Jaz'; /api/v1/genres .*"),
        (["artist", "--filter", "bpm=1..2"], "no other track passes the filter"),
        (["!!!"], "q holds neither a letter nor a digit; name a word to look for"),
    ],
)
async def test_a_search_that_finds_nothing_says_why(
    settings: Settings, words: list[str], reason: str
) -> None:
    with pytest.raises(CommandError, match=f"{reason}$"):
        await ask(settings, "search", *words)
