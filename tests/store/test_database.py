from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from harmonie_daemon.domain.errors import StoreError, UnusableDatabaseError
from harmonie_daemon.domain.filters import TrackFilter
from harmonie_daemon.domain.track import StyleScore, Tags
from harmonie_daemon.store import keys, migrations
from harmonie_daemon.store.connection import Connection
from harmonie_daemon.store.database import Database
from harmonie_daemon.store.meta import Meta
from harmonie_daemon.store.track_lookup import NameKeys, name_key
from harmonie_daemon.store.tracks import Tracks
from harmonie_daemon.store.vectors import Vectors
from tests.store.factories import MODEL, Clock, save_track

REPOSITORY = Path(__file__).parents[2]
PATIENCE_S = 20.0
STYLES = [StyleScore("Rock", style, 0.5) for style in ("Punk", "Goth", "Surf")]

SAVE_FOREVER = """
import asyncio, itertools, resource, sys
from pathlib import Path
from harmonie_daemon.domain.errors import StoreError
from harmonie_daemon.store.database import Database
from harmonie_daemon.store.track_lookup import NameKeys, name_key
from harmonie_daemon.store.tracks import Tracks
from tests.store.factories import save_track
from tests.store.test_database import STYLES

async def main():
    tracks = Tracks(await Database.open(Path(sys.argv[1])), lambda: 1.0)
    for number in itertools.count():
        try:
            await save_track(tracks, f"{number}.mp3", styles=STYLES)
        except StoreError as error:
            print("refused", (await tracks.counts()).tracks, error, flush=True)
            return
        print(number, flush=True)

if len(sys.argv) > 2:
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]),) * 2)
asyncio.run(main())
"""


def start_saving(database: Path, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", SAVE_FOREVER, str(database), *arguments],
        stdout=subprocess.PIPE,
        text=True,
        cwd=REPOSITORY,
    )


def count_tracks(connection: Connection) -> int:
    return int(connection.execute("SELECT count(*) FROM tracks").get)


async def require_whole_tracks(db: Database, at_least: int) -> int:
    """Every track has its file, its vector and its three styles."""
    tracks, vectors = Tracks(db, Clock()), Vectors(db)
    total = (await tracks.counts()).tracks
    assert total >= at_least
    assert len(await tracks.known_files()) == total
    assert (await vectors.load(MODEL))[0].size == total
    page = await tracks.list(TrackFilter(), limit=total, offset=0)
    assert all(len(track.styles) == len(STYLES) for track in page.items)
    assert await vectors.generation() == total
    return total


async def test_a_new_database_is_made_with_its_folder(tmp_path: Path) -> None:
    db = await Database.open(tmp_path / "deep" / "er" / "harmonie.db")
    assert db.path.exists()
    assert db.schema_version == migrations.shipped()[-1].version
    await db.close()


async def test_what_was_written_is_there_after_reopening(tmp_path: Path) -> None:
    for expected in (None, "1"):
        db = await Database.open(tmp_path / "harmonie.db")
        assert await Meta(db).get("a") == expected
        await Meta(db).set("a", "1")
        await db.close()


async def test_closing_folds_the_log_into_the_file(db: Database, tracks: Tracks) -> None:
    await save_track(tracks)
    await db.close()
    await db.close()
    beside = {path.name for path in db.path.parent.iterdir()}
    assert beside == {"harmonie.db", "harmonie.db.lock"}


async def test_a_closed_database_says_so(tmp_path: Path) -> None:
    db = await Database.open(tmp_path / "harmonie.db")
    await db.close()
    with pytest.raises(StoreError, match="is closed"):
        await db.read(count_tracks)
    with pytest.raises(StoreError, match="is closed"):
        await db.write(count_tracks)


async def test_closing_waits_for_writes_that_were_asked_for(tmp_path: Path) -> None:
    db = await Database.open(tmp_path / "harmonie.db")
    meta = Meta(db)
    writes = [asyncio.create_task(meta.set(f"k{number}", "v")) for number in range(20)]
    await asyncio.sleep(0)
    await asyncio.gather(db.close(), *writes)
    db = await Database.open(tmp_path / "harmonie.db")
    assert [await Meta(db).get(f"k{number}") for number in range(20)] == ["v"] * 20
    await db.close()


async def test_a_second_daemon_is_told_who_has_the_database(db: Database) -> None:
    with pytest.raises(
        StoreError, match=rf"in use by another harmonie process \(pid {os.getpid()}"
    ):
        await Database.open(db.path)


async def test_one_may_look_in_beside_the_owner(db: Database, tracks: Tracks) -> None:
    await save_track(tracks)
    beside = await Database.open(db.path, lock=False)
    assert await beside.read(count_tracks) == 1
    await beside.close()
    await save_track(tracks, "other")
    assert await db.read(count_tracks) == 2


async def test_looking_in_makes_no_database(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="there is no database"):
        await Database.open(tmp_path / "harmonie.db", lock=False)
    assert list(tmp_path.iterdir()) == []


async def test_a_write_that_raises_leaves_nothing(db: Database) -> None:
    def half(connection: Connection) -> None:
        connection.execute("INSERT INTO meta VALUES ('half', 'done')")
        raise LookupError("in the middle")

    with pytest.raises(LookupError, match="in the middle"):
        await db.write(half)
    assert await Meta(db).get("half") is None
    await Meta(db).set("next", "works")


async def test_a_broken_statement_is_a_store_error(db: Database) -> None:
    for run in (db.read, db.write):
        with pytest.raises(StoreError, match="no such table"):
            await run(lambda connection: connection.execute("SELECT * FROM nowhere"))


async def test_a_reader_cannot_write(db: Database) -> None:
    with pytest.raises(StoreError, match="readonly"):
        await db.read(lambda c: c.execute("INSERT INTO meta VALUES ('a', 'b')"))


async def test_a_reader_sees_one_state_while_a_writer_commits(db: Database, tracks: Tracks) -> None:
    await save_track(tracks, "first")
    begun, committed = threading.Event(), threading.Event()

    def count_twice(connection: Connection) -> tuple[int, int]:
        before = count_tracks(connection)
        begun.set()
        assert committed.wait(PATIENCE_S)
        return before, count_tracks(connection)

    reading = asyncio.create_task(db.read(count_twice))
    assert await asyncio.to_thread(begun.wait, PATIENCE_S)
    await save_track(tracks, "second")
    committed.set()
    assert await reading == (1, 1)
    assert await db.read(count_tracks) == 2


async def test_many_readers_and_writers_get_along(db: Database, tracks: Tracks) -> None:
    async def save_and_list(number: int) -> int:
        await save_track(tracks, f"{number}.mp3", tags=Tags(title=str(number)))
        page = await tracks.list(TrackFilter(), limit=100, offset=0)
        return page.total - len(page.items)

    assert await asyncio.gather(*(save_and_list(number) for number in range(60))) == [0] * 60
    assert await db.read(count_tracks) == 60


async def test_a_cancelled_write_is_carried_out_whole(db: Database) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def slow(connection: Connection) -> None:
        connection.execute("INSERT INTO meta VALUES ('one', '1')")
        begun.set()
        assert go_on.wait(PATIENCE_S)
        connection.execute("INSERT INTO meta VALUES ('two', '2')")

    writing = asyncio.create_task(db.write(slow))
    queued = asyncio.create_task(Meta(db).set("three", "3"))
    assert await asyncio.to_thread(begun.wait, PATIENCE_S)
    for task in (writing, queued):
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    go_on.set()
    meta = Meta(db)
    await meta.set("four", "4")
    assert [await meta.get(key) for key in ("one", "two", "three")] == ["1", "2", "3"]


async def test_a_write_that_fails_unseen_is_logged(
    db: Database, caplog: pytest.LogCaptureFixture
) -> None:
    go_on = threading.Event()

    def fail(connection: Connection) -> None:
        assert go_on.wait(PATIENCE_S)
        raise StoreError("nobody listens")

    writing = asyncio.create_task(db.write(fail))
    await asyncio.sleep(0)
    writing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writing
    go_on.set()
    await Meta(db).set("after", "wards")
    assert "nobody listens" in caplog.text


async def test_a_cancelled_read_leaves_its_thread_usable(tmp_path: Path) -> None:
    db = await Database.open(tmp_path / "harmonie.db", readers=1)
    begun, go_on = threading.Event(), threading.Event()

    def slow(connection: Connection) -> int:
        begun.set()
        assert go_on.wait(PATIENCE_S)
        return count_tracks(connection)

    reading = asyncio.create_task(db.read(slow))
    assert await asyncio.to_thread(begun.wait, PATIENCE_S)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    go_on.set()
    assert await db.read(count_tracks) == 0
    await db.close()


async def test_a_cancelled_opening_gives_the_database_free(tmp_path: Path) -> None:
    opening = asyncio.create_task(Database.open(tmp_path / "harmonie.db"))
    await asyncio.sleep(0)
    opening.cancel()
    with pytest.raises(asyncio.CancelledError):
        await opening
    db = await open_when_free(tmp_path / "harmonie.db")
    await db.close()


async def open_when_free(path: Path) -> Database:
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            return await Database.open(path)
        except StoreError:
            assert time.monotonic() < deadline
            await asyncio.sleep(0.01)


async def test_a_killed_writer_leaves_whole_tracks_only(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "harmonie.db"
    with start_saving(path) as saving:
        assert saving.stdout is not None
        said = [saving.stdout.readline() for _ in range(25)]
        saving.send_signal(signal.SIGKILL)
        said += saving.stdout.readlines()
    db = await Database.open(path)
    assert "not stopped cleanly" in caplog.text
    whole_lines = sum(line.endswith("\n") for line in said)
    await require_whole_tracks(db, at_least=whole_lines)
    await db.close()
    caplog.clear()
    await (await Database.open(path)).close()
    assert caplog.text == ""


async def test_a_write_beyond_the_file_size_limit_loses_nothing(tmp_path: Path) -> None:
    path = tmp_path / "harmonie.db"
    with start_saving(path, str(1_200_000)) as saving:
        assert saving.stdout is not None
        *saved, refused = saving.stdout.read().splitlines()
    assert refused.startswith(f"refused {len(saved)} ")
    db = await Database.open(path)
    assert await require_whole_tracks(db, at_least=1) == len(saved)
    await db.close()


async def test_a_full_disk_is_named_and_forgiven(db: Database, tracks: Tracks) -> None:
    await save_track(tracks, "before")

    def limit_pages(connection: Connection, spare: int) -> None:
        used = connection.execute("PRAGMA page_count").get
        connection.execute(f"PRAGMA max_page_count = {used + spare}").fetchall()

    await db.write(lambda connection: limit_pages(connection, 2))
    with pytest.raises(StoreError, match="is full"):
        await Meta(db).set("long", "x" * 100_000)
    assert await Meta(db).get("long") is None
    assert await db.read(count_tracks) == 1
    await db.write(lambda connection: limit_pages(connection, 10_000))
    await Meta(db).set("long", "x" * 100_000)


async def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "harmonie.db"
    path.write_bytes(b"these are my notes, not a database. " * 100)
    before = path.read_bytes()
    with pytest.raises(StoreError, match=r"is damaged .* start without it"):
        await Database.open(path)
    assert path.read_bytes() == before


async def test_the_database_of_another_program_is_left_alone(tmp_path: Path) -> None:
    db = await Database.open(tmp_path / "harmonie.db")
    await db.write(lambda connection: connection.pragma("user_version", 0))
    await db.close()
    with pytest.raises(StoreError, match="not a harmonie database"):
        await Database.open(db.path)


async def test_a_damaged_file_is_found_after_an_unclean_stop(tmp_path: Path) -> None:
    path = tmp_path / "harmonie.db"
    db = await Database.open(path)
    tracks = Tracks(db, Clock())
    for number in range(50):
        await save_track(tracks, f"{number}.mp3", tags=Tags(title="x" * 200))
    await db.close()
    mark_as_running(path)
    content = bytearray(path.read_bytes())
    content[8_192:65_536] = b"\xa5" * (65_536 - 8_192)
    path.write_bytes(content)
    copies = ("db.backup-v10", "db.backup-v9", "db.backup-mine", "db.backup-v11.unfinished")
    (tmp_path / "backups").mkdir()
    for age_days, name in enumerate(("backups/x.db", *(f"harmonie.{copy}" for copy in copies))):
        copy = tmp_path / name
        copy.touch()
        os.utime(copy, (1_750_000_000 - age_days * 86_400,) * 2)
    newest_first = r"backups/x.db of 2025-06-\d\d, .*-v10 of .*-v9 of .*-mine of 2025-06-\d\d$"
    with pytest.raises(UnusableDatabaseError, match=rf"put a backup in .*: {newest_first}"):
        await Database.open(path)


def mark_as_running(path: Path) -> None:
    """As a process leaves it that ends without closing."""
    leave = (
        "import asyncio, os, sys, pathlib; from harmonie_daemon.store.database import Database\n"
        "async def main():\n"
        "    await Database.open(pathlib.Path(sys.argv[1]))\n"
        "    os._exit(0)\n"
        "asyncio.run(main())"
    )
    subprocess.run([sys.executable, "-c", leave, str(path)], check=True, cwd=REPOSITORY)


async def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "harmonie.db.lock").mkdir()
    with pytest.raises(StoreError, match="HARMONIE_DATA_DIR"):
        await Database.open(tmp_path / "harmonie.db")


async def test_a_path_that_is_a_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "harmonie.db").mkdir()
    with pytest.raises(StoreError, match="cannot be opened"):
        await Database.open(tmp_path / "harmonie.db")


async def test_a_data_folder_that_is_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="cannot be made"):
        await Database.open(tmp_path / "file" / "harmonie.db")


async def test_keys_are_made_anew_when_their_version_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    db = await Database.open(tmp_path / "harmonie.db")
    tracks = Tracks(db, Clock())
    track_id = await save_track(tracks, tags=Tags(artist="Björk"), styles=STYLES[:1])
    await db.write(lambda c: c.execute("UPDATE tracks SET artist_key = 'as it was once'"))
    await db.write(lambda c: c.execute("UPDATE styles SET genre_key = 'as it was once'"))
    await db.close()

    db = await Database.open(db.path)
    bjork = NameKeys(name_key("BJÖRK"), None, None)
    assert await Tracks(db, Clock()).look_up(lambda lookup: lookup.by_names([bjork])) == {}
    await db.close()

    monkeypatch.setattr(keys, "VERSION", "2/99.0.0")
    db = await Database.open(db.path)
    tracks = Tracks(db, Clock())
    assert await tracks.look_up(lambda lookup: lookup.by_names([bjork])) == {bjork: track_id}
    assert (await tracks.matching_ids(TrackFilter(genres=("ROCK",)))).tolist() == [track_id]
    await db.close()
