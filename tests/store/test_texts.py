"""Tracks by words: which are found, in which order, and that the words follow the tracks."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from harmonie_daemon.domain.errors import NotReadyError
from harmonie_daemon.domain.filters import Range, TrackFilter
from harmonie_daemon.domain.track import Analysis, StyleScore, Tags, TrackId
from harmonie_daemon.domain.words import LONGEST_SEARCH, words_of
from harmonie_daemon.store import texts
from harmonie_daemon.store.connection import Connection
from harmonie_daemon.store.database import Database
from harmonie_daemon.store.migrations import shipped
from harmonie_daemon.store.rows import fetch
from harmonie_daemon.store.tracks import Tracks
from harmonie_daemon.store.tracks import words as tracks_words
from tests.store.factories import make_analysis, make_file, save_track

ALL = TrackFilter()


async def found(tracks: Tracks, search: str, **asked: object) -> list[int]:
    """Ids of what is found, in order."""
    page = await tracks.list(ALL, words=words_of(search), limit=100, offset=0, **asked)  # type: ignore[arg-type]
    assert page.total == len(page.items)
    return [int(track.id) for track in page.items]


async def add(tracks: Tracks, path: str, **tags: object) -> int:
    return int(await save_track(tracks, path, tags=Tags(**tags)))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("search", "is_found"),
    [
        ("Army of Me", True),
        ("björk", True),
        ("BJORK", True),
        ("bjo\u0308rk", True),
        ("me army", True),
        ("ar", True),  # the beginning of a word
        ("rm", False),  # two letters within one
        ("rmy", True),
        ("jor", True),
        ("post", True),
        ("electronic", True),
        ("trip hop", True),
        ("icelandic", True),
        ("björk oasis", False),
        ("army me björk post trip", True),
        ("file", False),  # its tags say what it is
    ],
)
async def test_words_parts_and_beginnings(tracks: Tracks, search: str, is_found: bool) -> None:
    tags = Tags(artist="Björk", album="Post", title="Army of Me", genres=("Icelandic",))
    styles = [StyleScore("Electronic", "Trip Hop", 0.6), StyleScore("Jazz", "Bop", 0.05)]
    await save_track(tracks, "folder/file.flac", tags=tags, styles=styles)
    assert bool(await found(tracks, search)) is is_found


async def test_styles_that_are_hardly_likely_are_no_words(tracks: Tracks) -> None:
    await save_track(tracks, styles=[StyleScore("Jazz", "Bop", 0.05)])
    assert await found(tracks, "bop") == []


@pytest.mark.parametrize(
    ("title", "search"),
    [
        ("東京タワーの夜", "東京"),
        ("東京タワーの夜", "タワー"),
        ("東京タワーの夜", "夜"),
        ("東京タワーの夜", "ﾀﾜｰ"),
        ("夜に駆ける", "駆け"),
        ("서울의 달", "울의"),
        ("上海滩 Shanghai", "海滩 shang"),
        ("Тёмная ночь", "темная"),
        ("Ψυχή", "ψυχη"),
        ("हिन्दी गाना", "हिन्दी"),
        ("Þorparinn", "thorpar"),
        ("Smørrebrød", "smorre"),
        ("STRASSE", "straße"),
        ("ｆｕｌｌ ｗｉｄｔｈ", "full"),
        ("AC/DC live", "ac dc"),
        ("Rock'n'Roll", "rock n roll"),
        ("P!nk", "p!nk"),
        ("1979", "1979"),
        ("x_y-z", "y z"),
        ("no\0nul", "nul"),
    ],
)
async def test_writings_of_the_world(tracks: Tracks, title: str, search: str) -> None:
    track_id = await add(tracks, "a.flac", title=title, artist="Somebody")
    await add(tracks, "b.flac", title="Quite another", artist="Somebody")
    assert await found(tracks, search) == [track_id]


async def test_signs_that_stand_apart_are_not_found_together(tracks: Tracks) -> None:
    await add(tracks, "a.flac", title="東の京", artist="x")
    assert await found(tracks, "東京") == []


async def test_no_word_goes_across_two_names(tracks: Tracks) -> None:
    await add(tracks, "a.flac", title="Blue", artist="Monday")
    assert await found(tracks, "emon") == []
    assert await found(tracks, "uemo") == []


async def test_a_file_without_tags_is_found_by_its_path(tracks: Tracks) -> None:
    bare = await add(tracks, "Nick Drake/Pink Moon/01 Road\udcff.flac")
    titled = await add(tracks, "Nick Drake/Bryter Layter/02.flac", title="Fly")
    tagged = await add(tracks, "Nick Drake/x/y.flac", title="A", artist="B")
    assert await found(tracks, "drake") == [bare, titled]
    assert await found(tracks, "road") == [bare]
    assert await found(tracks, "flac") == []
    assert tagged not in await found(tracks, "nick")


async def test_the_best_match_comes_first(tracks: Tracks) -> None:
    within = await add(tracks, "a.flac", title="Grovelling", artist="A", album="A")
    album = await add(tracks, "b.flac", title="B", artist="B", album="Love")
    beginning = await add(tracks, "c.flac", title="Loveless", artist="C", album="C")
    title = await add(tracks, "d.flac", title="Love", artist="D", album="D")
    rove = await add(tracks, "e.flac", title="Glove", artist="E", album="E")
    order = await found(tracks, "love")
    assert order[0] == title
    assert set(order[1:3]) == {album, beginning}
    assert order[3:] == [rove]
    assert within not in order


async def test_every_artist_counts(tracks: Tracks) -> None:
    track_id = await add(
        tracks,
        "a.flac",
        title="T",
        artist="One",
        further_artists=("Two",),
        album_artist="Three",
        further_album_artists=("Four",),
    )
    for name in ("one", "two", "three", "four"):
        assert await found(tracks, name) == [track_id]


HOSTILE = (
    '"',
    '""',
    '"love" OR "hate"',
    "love OR hate",
    "love AND NOT hate",
    "NEAR(love hate, 5)",
    "love*",
    "*",
    "^love",
    "title : love",
    "{title artist} : love",
    "- title : love",
    "love)",
    "((((((((((",
    "love'; DROP TABLE tracks; --",
    "%",
    "_____",
    "\\",
    "\0",
    "love\0hate",
    "\ud800",
    "\u202elove",
    "a" * 100_000,
    "a " * 100_000,
    "love " * 100_000,
    '"' * LONGEST_SEARCH,
    "\N{COMBINING ACUTE ACCENT}" * LONGEST_SEARCH,
    "e" + "\N{COMBINING ACUTE ACCENT}" * LONGEST_SEARCH,
    "\N{DEVANAGARI SIGN NUKTA}love",
    "東" * 10_000,
    "\N{ARABIC LIGATURE SALLALLAHOU ALAYHE WASALLAM}" * LONGEST_SEARCH,
    "\U0010ffff",
    "rowid",
    "rank",
    " ".join(f"w{number}" for number in range(200)),
)


@pytest.mark.parametrize("search", HOSTILE, ids=range(len(HOSTILE)))
async def test_a_search_is_words_and_nothing_else(tracks: Tracks, search: str) -> None:
    """None of these is an error, none of them finds what it does not name."""
    love = await add(tracks, "a.flac", title="Love", artist="Aaa", album="Near")
    hate = await add(tracks, "b.flac", title="Hate", artist="Bbb", album="Or")
    words = words_of(search)
    assert len(words) <= 24
    if words:
        for track_id in await found(tracks, search):
            row = await tracks.get(TrackId(track_id))
            text = f"{row.tags.title} {row.tags.artist} {row.tags.album}".casefold()
            assert all(word.text in text for word in words)
    assert await found(tracks, "love") == [love]
    assert await found(tracks, "hate") == [hate]


async def test_words_go_with_filters_orders_and_models(tracks: Tracks) -> None:
    ids = []
    for n in range(6):
        analysis = make_analysis(bpm=100.0 + n, bpm_confidence=3.0)
        ids.append(
            await save_track(
                tracks,
                f"{5 - n}.flac",
                tags=Tags(title=f"Song {n}", artist="Odd" if n % 2 else "Even"),
                analysis=analysis if n < 5 else make_analysis(embeddings={}, bpm=105.0),
            )
        )
    odd = words_of("odd song")
    tempo = TrackFilter(ranges={"bpm": Range(102.0, None)})

    async def page(filter_: TrackFilter, **asked: object) -> list[int]:
        answer = await tracks.list(filter_, words=odd, limit=10, offset=0, **asked)  # type: ignore[arg-type]
        assert answer.total == len(answer.items)
        return [track.id for track in answer.items]

    assert await page(ALL) == [ids[1], ids[3], ids[5]]
    assert await page(tempo) == [ids[3], ids[5]]
    assert await page(ALL, order_by="path") == [ids[5], ids[3], ids[1]]
    assert await page(tempo, order_by="path") == [ids[5], ids[3]]
    assert await page(ALL, model="timbre316-2") == [ids[1], ids[3]]


async def test_deep_pages_go_on_where_the_last_ended(tracks: Tracks) -> None:
    ids = [await add(tracks, f"{n}.flac", title=f"Song {n}", artist="A") for n in range(25)]
    pages = [
        await tracks.list(ALL, words=words_of("song"), limit=10, offset=at)
        for at in (0, 10, 20, 30, 10**18)
    ]
    assert [len(page.items) for page in pages] == [10, 10, 5, 0, 0]
    assert {page.total for page in pages} == {25}
    assert sorted(track.id for page in pages for track in page.items) == ids


def entries(connection: Connection) -> list[tuple[object, ...]]:
    """Every word of both indexes with where it stands."""
    found: list[tuple[object, ...]] = []
    for index in ("track_words", "track_parts"):
        name = f"entries_of_{index}"
        connection.execute(
            f"CREATE VIRTUAL TABLE temp.{name} USING fts5vocab (main, {index}, instance)"
        )
        found += [(index, *row) for row in fetch(connection, f"SELECT * FROM {name}")]
        connection.execute(f"DROP TABLE temp.{name}")
    return sorted(found, key=repr)


async def assert_in_step(database: Database) -> None:
    """The words are those that would be collected now."""

    def rebuilt(connection: Connection) -> tuple[list[object], list[object]]:
        kept = entries(connection)
        for statement in texts._EMPTY:
            fetch(connection, statement)
        ids = [id_ for (id_,) in fetch(connection, "SELECT id FROM tracks")]
        texts.renew(connection, ids)
        return list(kept), list(entries(connection))

    kept, anew = await database.write(rebuilt)
    assert kept == anew


async def test_words_follow_whatever_is_done_to_tracks(db: Database, tracks: Tracks) -> None:
    house = [StyleScore("Electronic", "House", 1.0)]
    tags = Tags(title="First", artist="Someone", further_artists=("Other",), genres=("Zeuhl",))
    one = await save_track(tracks, "A/1.flac", tags=tags, styles=house, unmapped=["Zeuhl"])
    two = await save_track(tracks, "B/2.flac")
    await assert_in_step(db)
    for step in (
        tracks.save_tags(one, make_file("A/1.flac"), Tags(title="Second"), [], ["Gnawa"]),
        tracks.save_tags(two, make_file("B/2.flac"), None, [], []),
        tracks.save_descriptors(one, make_file("A/1.flac"), make_analysis(bpm=90.0)),
        tracks.save_embeddings(
            two,
            make_file("B/2.flac"),
            with_styles(make_analysis()),
            [StyleScore("Rock", "Punk", 0.9)],
        ),
        tracks.move_many([(one, make_file("B/2.flac")), (two, make_file("C/new name.flac"))]),
        tracks.hide([two]),
        tracks.show_below(["/music/C"]),
        save_track(tracks, "C/new name.flac", tags=Tags(title="Third", artist="x"), size=7),
        save_track(tracks, "D/4.flac"),
        tracks.move_many([(two, make_file("D/4.flac"))]),
        tracks.record_failure(make_file("D/4.flac", size=8), None, "broken"),
        tracks.remove([one]),
    ):
        await step
        await assert_in_step(db)
    assert await found(tracks, "second") == []


def with_styles(analysis: Analysis) -> Analysis:
    return Analysis(
        analysis.duration_s,
        analysis.descriptors,
        1,
        analysis.embeddings,
        style_probabilities=np.full(400, 0.1, np.float32),
    )


async def test_what_is_hidden_is_not_found(tracks: Tracks) -> None:
    one = await save_track(tracks, "A/1.flac", tags=Tags(title="Song", artist="A"))
    two = await save_track(tracks, "B/2.flac", tags=Tags(title="Song", artist="B"))
    assert await found(tracks, "song") == [one, two]
    await tracks.hide([one])
    assert await found(tracks, "song") == [two]
    ((hits,), (named,)) = await tracks.with_words(["song"], [["x", "song"]])
    assert (hits.tolist(), named.tolist()) == ([two], [two])
    await tracks.show_below(["/music/A"])
    assert await found(tracks, "song") == [one, two]


async def test_words_that_no_track_has_come_with_those_that_begin_alike(
    tracks: Tracks, monkeypatch: pytest.MonkeyPatch
) -> None:
    await add(tracks, "a.flac", title="Muldjord", artist="Mulder")
    gone = await add(tracks, "b.flac", title="Mulder Muldoon Much Multitudinous", artist="Mueller")
    strangers = await tracks.strangers(["mulldjord", "muldjord", "muldj", "zzyzx"])
    assert strangers == {
        "mulldjord": [("mueller", 1), ("muldjord", 1), ("muldoon", 1)],
        "zzyzx": [],
    }
    await tracks.remove([TrackId(gone)])
    assert (await tracks.strangers(["mulldjord"]))["mulldjord"] == [("muldjord", 1)]
    assert await tracks.strangers(["mueller"]) == {"mueller": [("mulder", 1), ("muldjord", 1)]}
    monkeypatch.setattr(texts, "MOST_ALIKE", 1)
    assert await tracks.strangers(["mueller"]) == {"mueller": [("mulder", 1)]}


async def test_a_library_of_before_is_collected_once(tmp_path: Path) -> None:
    path = tmp_path / "harmonie.db"
    await lay_out(path, count=5)
    database = await Database.open(path)
    tracks = Tracks(database, lambda: 1.0)
    with pytest.raises(NotReadyError, match="still being collected"):
        await found(tracks, "song")
    late = await add(tracks, "late.flac", title="Late song", artist="x")
    assert await tracks.collect_words() == 5
    assert len(await found(tracks, "song")) == 6
    assert await found(tracks, "late") == [late]
    await assert_in_step(database)
    assert await tracks.collect_words() == 0
    await database.close()


async def test_words_made_by_other_rules_are_collected_anew(tmp_path: Path) -> None:
    path = tmp_path / "harmonie.db"
    database = await Database.open(path)
    tracks = Tracks(database, lambda: 1.0)
    await add(tracks, "a.flac", title="Song", artist="x")

    def forge(connection: Connection) -> None:
        connection.execute("UPDATE collected_words SET version = 'of before'")
        connection.execute("INSERT INTO track_words (rowid, title) VALUES (99, 'ghost')")

    await database.write(forge)
    await database.close()
    database = await Database.open(path)
    tracks = Tracks(database, lambda: 1.0)
    assert await tracks.collect_words() == 1
    await assert_in_step(database)
    await database.close()


async def lay_out(path: Path, count: int) -> None:
    """A database as the release before words left it, with so many tracks."""
    version = next(step.version for step in shipped() if step.name == "texts")
    steps = [step for step in shipped() if step.version <= version]
    database = await Database.open(path, steps=steps)
    tracks = Tracks(database, lambda: 1.0)
    for n in range(count):
        await add(tracks, f"{n}.flac", title=f"Song {n}", artist="Artist")

    def back(connection: Connection) -> None:
        for statement in (
            "DROP TRIGGER words_go_with_their_track",
            "DROP TABLE track_words",
            "DROP TABLE track_parts",
            "DROP TABLE collected_words",
            f"PRAGMA user_version = {version - 1}",
        ):
            fetch(connection, statement)

    await database.write(back)
    await database.close()


KILLED = """
import asyncio, os, signal, sys
from pathlib import Path
from harmonie_daemon.store.database import Database
from harmonie_daemon.store.tracks import Tracks, words

async def main():
    words.WORDS_BATCH = 10
    database = await Database.open(Path(sys.argv[1]))
    tracks = Tracks(database, lambda: 1.0)
    renew = words.texts.renew
    def dies(connection, ids):
        renew(connection, ids)
        if ids[0] > 20:
            os.kill(os.getpid(), signal.SIGKILL)
    words.texts.renew = dies
    await tracks.collect_words()

asyncio.run(main())
"""


async def test_collecting_can_be_killed_and_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "harmonie.db"
    await lay_out(path, count=35)
    killed = subprocess.run([sys.executable, "-c", KILLED, str(path)], check=False)
    assert killed.returncode == -signal.SIGKILL
    database = await Database.open(path)
    tracks = Tracks(database, lambda: 1.0)
    assert await tracks.collect_words() == 15
    await assert_in_step(database)
    await database.close()


async def test_collecting_is_done_in_batches(
    tracks: Tracks, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(5):
        await add(tracks, f"{n}.flac", title="Song", artist="x")
    await db.write(lambda c: fetch(c, "UPDATE collected_words SET up_to = 0, last = 5"))
    sizes: list[int] = []
    renew = texts.renew

    def counted(connection: Connection, ids: Sequence[int]) -> None:
        sizes.append(len(ids))
        renew(connection, ids)

    monkeypatch.setattr(texts, "renew", counted)
    monkeypatch.setattr(tracks_words, "WORDS_BATCH", 2)
    await tracks.collect_words()
    assert sizes == [2, 2, 1]
