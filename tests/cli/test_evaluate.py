"""``harmonie evaluate`` on small libraries: one that a daemon owns, and one that is heard now."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import mutagen.flac
import numpy as np
import pytest

from harmonie_daemon.cli import evaluate
from harmonie_daemon.cli.exits import CommandError, Exit
from harmonie_daemon.config import Settings
from harmonie_daemon.domain.errors import StoreError
from harmonie_daemon.evaluation import baselines
from harmonie_daemon.evaluation.transcoding import CODECS
from harmonie_daemon.store.database import Database
from harmonie_daemon.store.tracks import Tracks
from tests.analysis.sounds import music, sine, write
from tests.factories import DIMENSION, make_tags, make_track

ALBUMS = 4
PER_ALBUM = 6


def options(*arguments: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", action="store_true")
    evaluate.add_options(parser)
    return parser.parse_args(["--baselines", "random", "--transcode", "0", *arguments])


@pytest.fixture
async def owned(tmp_path: Path) -> AsyncIterator[tuple[Settings, Tracks]]:
    """An empty store that somebody else has open, as a running daemon has."""
    settings = Settings(data_dir=tmp_path / "data")
    database = await Database.open(settings.database)
    yield settings, Tracks(database, time.time)
    await database.close()


async def fill(tracks: Tracks, per_album: int = PER_ALBUM, **tags: Any) -> None:
    """Four albums of six tracks, the albums far apart, each its own artist and folder."""
    rng = np.random.default_rng(5)
    for album in range(ALBUMS):
        for number in range(per_album):
            vector = 0.05 * rng.standard_normal(DIMENSION).astype(np.float32)
            vector[album] += 5
            await make_track(
                tracks,
                f"Folder {album}/{number}.flac",
                vector=vector / np.linalg.norm(vector),
                tags=make_tags(**{"artist": f"Artist {album}", "album": f"Album {album}", **tags}),
            )


async def test_a_store_is_evaluated_while_a_daemon_owns_it(
    owned: tuple[Settings, Tracks], capsys: pytest.CaptureFixture[str]
):
    settings, tracks = owned
    await fill(tracks)
    assert await evaluate.evaluate(settings, options("--json")) is Exit.DONE
    report = json.loads(capsys.readouterr().out)
    ours, chance = report["methods"]
    assert (ours["name"], chance["name"]) == ("timbre316-2", "random")
    truths = [(asked["truth"], asked["without_same"]) for asked in ours["retrieval"]]
    assert truths == [("artist", None), ("album", None), ("folder", None)]
    for asked, by_chance in zip(ours["retrieval"], chance["retrieval"], strict=True):
        assert asked["queries"] == 24
        assert asked["precision_at_5"] == {"value": 1.0, "low": 1.0, "high": 1.0}
        assert by_chance["precision_at_5"]["value"] < 0.5
    assert [note.partition(":")[0] for note in report["notes"]] == ["not measured by genre"]


async def test_both_rankings_are_shown_of_a_library_that_is_large_enough(
    owned: tuple[Settings, Tracks], capsys: pytest.CaptureFixture[str]
):
    settings, tracks = owned
    await fill(tracks, per_album=13)
    await evaluate.evaluate(settings, options("--json", "--baselines", "none"))
    report = json.loads(capsys.readouterr().out)
    by_cosine, mutual = report["methods"]
    assert (by_cosine["name"], mutual["name"]) == ("timbre316-2", "timbre316-2, mutual")
    assert mutual["retrieval"][0]["precision_at_5"]["value"] == 1.0
    assert mutual["hubness"] != by_cosine["hubness"]


async def test_the_same_seed_gives_the_same_report(
    owned: tuple[Settings, Tracks], capsys: pytest.CaptureFixture[str]
):
    settings, tracks = owned
    await fill(tracks)
    reports = []
    for _ in range(2):
        await evaluate.evaluate(settings, options("--json", "--rng-seed", "4", "--sample", "12"))
        reports.append(json.loads(capsys.readouterr().out) | {"made_at": None})
    assert reports[0] == reports[1]
    assert reports[0]["tracks"] == 12


async def test_tables_name_the_question_and_the_figures(
    owned: tuple[Settings, Tracks], capsys: pytest.CaptureFixture[str]
):
    settings, tracks = owned
    await fill(tracks)
    await evaluate.evaluate(settings, options("--ground-truth", "folder"))
    printed = capsys.readouterr().out
    assert "same folder (24 queries)" in printed
    assert "1.000 (1.00-1.00)" in printed
    assert "skewness" in printed


async def test_the_place_of_the_library_is_printed_as_it_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    settings = Settings(data_dir=tmp_path / "[live] at home")
    database = await Database.open(settings.database)
    await fill(Tracks(database, time.time))
    await database.close()
    await evaluate.evaluate(settings, options("--ground-truth", "folder"))
    assert "[live] at home" in " ".join(capsys.readouterr().out.split())


async def test_too_few_tagged_tracks_are_said_before_anything_is_heard(
    owned: tuple[Settings, Tracks],
):
    settings, tracks = owned
    await fill(tracks)
    with pytest.raises(CommandError, match="0 of 24 tracks have a usable genre") as refused:
        await evaluate.evaluate(settings, options("--ground-truth", "genre", "--baselines", "mfcc"))
    assert refused.value.exit is Exit.NOT_FOUND


async def test_an_empty_store_is_not_evaluated(owned: tuple[Settings, Tracks]):
    with pytest.raises(CommandError, match="scan first"):
        await evaluate.evaluate(owned[0], options())


async def test_without_a_database_there_is_nothing_to_evaluate(tmp_path: Path):
    with pytest.raises(StoreError, match="there is no database"):
        await evaluate.evaluate(Settings(data_dir=tmp_path), options())


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--baselines", "mfcc,musly"), "no baseline is named 'musly'"),
        (("--plot", "figures.png"), "give figures.svg"),
        (("--plot", "/nowhere/figures.svg"), "/nowhere is not a folder"),
    ],
)
async def test_wrong_options_are_refused_at_once(
    tmp_path: Path, arguments: tuple[str, ...], words: str
):
    with pytest.raises(CommandError, match=words) as refused:
        await evaluate.evaluate(Settings(data_dir=tmp_path), options(*arguments))
    assert refused.value.exit is Exit.USAGE


async def test_a_folder_that_is_not_there_is_said(tmp_path: Path):
    with pytest.raises(CommandError, match="not a readable folder"):
        await evaluate.evaluate(
            Settings(data_dir=tmp_path), options("--library", str(tmp_path / "gone"))
        )


@pytest.fixture(scope="module")
def music_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two folders of six short tracks: pulsing chords, and low tones with noise."""
    folder = tmp_path_factory.mktemp("music")
    rng = np.random.default_rng(2)
    for number in range(6):
        chords = music(4.0)[number * 1_000 :]
        tone = sine(60 + 5 * number, 4.0)
        rumble = tone + (0.02 * rng.standard_normal(len(tone))).astype(np.float32)
        for name, sound in (("chords", chords), ("rumble", rumble)):
            (folder / name).mkdir(exist_ok=True)
            file = write(folder / name / f"{number}.flac", sound)
            tags = mutagen.flac.FLAC(file)
            tags["genre"], tags["artist"] = name, f"{name} {number % 3}"
            tags.save()
    return folder


def test_a_folder_is_heard_now_with_baselines_transcodes_and_a_plot(
    music_folder: Path, tmp_path: Path
):
    plot = tmp_path / "figures.svg"
    done = run(
        tmp_path,
        "--library", str(music_folder), "--baselines", "mfcc,random", "--ground-truth", "genre",
        "--transcode", "1", "--plot", str(plot), "--json",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    ours, mfcc, _ = report["methods"]
    assert report["tracks"] == 12
    assert [asked["without_same"] for asked in ours["retrieval"]] == [None, "artist"]
    assert ours["retrieval"][0]["precision_at_5"]["value"] == 1.0
    assert mfcc["retrieval"][0]["precision_at_5"]["value"] == 1.0
    assert ours["retrieval"][1]["best_precision_at_5"] == pytest.approx(0.8)
    assert {found["codec"] for found in report["transcodes"]} == set(CODECS)
    assert ElementTree.parse(plot).getroot().tag.endswith("svg")
    assert not (tmp_path / "data").exists()


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The real command, in a process of its own with its own data and temporary folder."""
    environment = {
        **{name: value for name, value in os.environ.items() if "HARMONIE_" not in name},
        "HARMONIE_DATA_DIR": str(folder / "data"),
        "HARMONIE_WORKERS": "2",
        "TMPDIR": str(folder),
    }
    done = subprocess.run(
        [sys.executable, "-m", "harmonie_daemon", "evaluate", *arguments],
        capture_output=True, text=True, env=environment, cwd=folder, timeout=120, check=False,
    )  # fmt: skip
    assert not list(folder.glob("harmonie-evaluate-*")), "encoded files were left behind"
    return done


@pytest.mark.skipif(baselines.bliss_is_installed(), reason="bliss-audio is installed here")
def test_bliss_that_is_not_installed_is_refused_with_the_way_to_get_it(tmp_path: Path):
    with pytest.raises(CommandError, match="harmonie-daemon\\[evaluate\\]"):
        asyncio.run(evaluate.evaluate(Settings(data_dir=tmp_path), options("--baselines", "bliss")))
