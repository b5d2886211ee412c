from __future__ import annotations

from pathlib import Path

import pytest

from harmonie_daemon.domain.errors import StoreError, UnusableDatabaseError
from harmonie_daemon.domain.playlist import RECIPES, SavedPlaylist
from harmonie_daemon.domain.task import TaskState
from harmonie_daemon.domain.track import TrackId
from harmonie_daemon.similarity.resolve import Resolver
from harmonie_daemon.store import migrations
from harmonie_daemon.store.connection import Connection
from harmonie_daemon.store.database import Database
from harmonie_daemon.store.driver import connect
from harmonie_daemon.store.listener_lists import ListenerLists
from harmonie_daemon.store.meta import Meta
from harmonie_daemon.store.migrations import Migration
from harmonie_daemon.store.playlists import Playlists
from harmonie_daemon.store.plays import Plays
from harmonie_daemon.store.records import RemotePlaylist, RemoteState
from harmonie_daemon.store.tasks import Tasks
from harmonie_daemon.store.tracks import Tracks
from harmonie_daemon.store.vectors import Vectors
from tests.store.factories import MODEL, Clock, save_track

SHIPPED = migrations.shipped()
NEWEST = SHIPPED[-1].version
LYRICS = Migration(NEWEST + 1, "lyrics", "CREATE TABLE lyrics (id INTEGER PRIMARY KEY) STRICT;")
MOODS = Migration(NEWEST + 2, "moods", "CREATE TABLE moods (id INTEGER PRIMARY KEY) STRICT;")


@pytest.fixture
async def path(tmp_path: Path) -> Path:
    """A database of the shipped schema with one track."""
    db = await Database.open(tmp_path / "harmonie.db")
    await save_track(Tracks(db, Clock()))
    await db.close()
    return db.path


async def table_names(db: Database) -> set[str]:
    found = await db.read(
        lambda connection: connection.execute("SELECT name FROM sqlite_schema").fetchall()
    )
    return {str(name) for (name,) in found}


def test_shipped_steps_are_numbered_without_gaps() -> None:
    assert [step.version for step in SHIPPED] == list(range(1, len(SHIPPED) + 1))


async def test_every_ordinary_table_is_strict(path: Path) -> None:
    db = await Database.open(path)
    found = await db.read(
        lambda connection: connection.execute(
            "SELECT name FROM pragma_table_list WHERE type = 'table' AND NOT strict "
            "AND name NOT LIKE 'sqlite_%' AND name NOT LIKE 'vec_%'"
        ).fetchall()
    )
    assert found == []
    await db.close()


async def test_pending_steps_are_applied_after_a_backup(path: Path) -> None:
    db = await Database.open(path, steps=[*SHIPPED, LYRICS, MOODS])
    assert db.schema_version == NEWEST + 2
    assert {"lyrics", "moods"} <= await table_names(db)
    await db.close()

    backup = migrations.backup_path(path, NEWEST)
    restored = await Database.open(backup.rename(path.with_name("restored.db")))
    assert restored.schema_version == NEWEST
    assert "lyrics" not in await table_names(restored)
    assert (await Vectors(restored).load(MODEL))[0].tolist() == [1]
    await restored.close()


OF_SCHEMA_3 = """
INSERT INTO meta (key, value) VALUES ('key_version', '1/15.0.0');
INSERT INTO roots (id, path) VALUES (1, CAST('/m' AS BLOB));
INSERT INTO files (id, root_id, path, relative_path, size, mtime_ns, added_at)
VALUES (7, 1, CAST('/m/a' AS BLOB), CAST('a' AS BLOB), 9, 9, 9.0);
INSERT INTO tracks
  (id, artist, title, artist_key, title_key, duration_s, decoded_fraction, descriptor_version,
   analyzed_at)
VALUES (7, 'Björk, ROSALÍA', 'Oral', 'björk, rosalía', 'oral', 200.0, 1.0, 1, 9.0);
"""


async def test_tracks_of_before_there_were_lists_of_artists_are_found(tmp_path: Path) -> None:
    old = connect(tmp_path / "harmonie.db", 1000)
    migrations.migrate(old, tmp_path / "harmonie.db", SHIPPED[:3])
    old.execute(OF_SCHEMA_3)
    old.close()
    db = await Database.open(tmp_path / "harmonie.db")
    tracks = Tracks(db, Clock())
    assert (await tracks.get(TrackId(7))).tags.artists == ("Björk, ROSALÍA",)
    found = await Resolver(tracks).query("bjork, rosalia - oral")
    assert found == await Resolver(tracks).query("Björk, ROSALÍA - Oral") == 7
    await db.close()


async def test_a_current_or_empty_database_is_not_copied(path: Path, tmp_path: Path) -> None:
    await (await Database.open(path)).close()
    await (await Database.open(tmp_path / "empty.db", steps=[*SHIPPED, LYRICS])).close()
    assert list(tmp_path.glob("*backup*")) == []


async def test_an_older_backup_of_the_same_schema_is_replaced_whole(path: Path) -> None:
    backup = migrations.backup_path(path, NEWEST)
    backup.write_bytes(b"old")
    backup.with_name(f"{backup.name}.unfinished").write_bytes(b"torn")
    await (await Database.open(path, steps=[*SHIPPED, LYRICS])).close()
    assert backup.read_bytes().startswith(b"SQLite format 3")
    assert not backup.with_name(f"{backup.name}.unfinished").exists()


@pytest.mark.parametrize(
    "sql",
    [
        "CREATE TABLE half (id INTEGER PRIMARY KEY) STRICT; SELECT * FROM nowhere;",
        "DELETE FROM files;",
    ],
    ids=["a broken statement", "broken references"],
)
async def test_a_failing_step_changes_nothing(path: Path, sql: str) -> None:
    failing = Migration(NEWEST + 2, "failing", sql)
    with pytest.raises(StoreError):
        await Database.open(path, steps=[*SHIPPED, LYRICS, failing])
    db = await Database.open(path, steps=[*SHIPPED, LYRICS])
    assert db.schema_version == NEWEST + 1
    assert "half" not in await table_names(db)
    assert (await Tracks(db, Clock()).counts()).tracks == 1
    await db.close()


async def test_a_newer_schema_is_refused_and_left_alone(path: Path) -> None:
    await (await Database.open(path, steps=[*SHIPPED, LYRICS])).close()
    before = path.read_bytes()
    with pytest.raises(UnusableDatabaseError, match=f"newer harmonie .schema {NEWEST + 1}"):
        await Database.open(path)
    assert path.read_bytes() == before


async def test_looking_in_never_migrates(path: Path) -> None:
    with pytest.raises(StoreError, match="start the daemon once"):
        await Database.open(path, lock=False, steps=[*SHIPPED, LYRICS])
    db = await Database.open(path)
    assert await Meta(db).get("key_version") is not None
    await db.close()


async def test_states_of_remote_playlists_become_a_column_and_no_row_is_lost(
    tmp_path: Path,
) -> None:
    """Rows as the versions before schema 5 wrote them, one of each meaning."""
    before = [
        ("jellyfin", "mix", "u1", "id-1", "Mix", "hash", 5.0),
        ("jellyfin", "mix", "u2", "", "Mix", "hash", 6.0),
        ("jellyfin", "other", "u1", "id-2", "Other", "", 7.0),
        ("jellyfin", "other\nid-0", "u1", "id-0", "Other", "old", 8.0),
        ("jellyfin", "both\nid-3", "u1", "id-3", "Both", "", 9.0),
        ("jellyfin", "both", "u1", "id-3", "Both", "", 9.0),
        ("m3u", "mix", "", "New.m3u8", "New", "sum", 10.0),
        ("m3u", "mix\nOld.m3u8", "renamed", "Old.m3u8", "Old", "sum", 11.0),
    ]
    db = await Database.open(tmp_path / "harmonie.db", steps=SHIPPED[:4])

    def insert(connection: Connection) -> None:
        connection.executemany("INSERT INTO remote_playlists VALUES (?, ?, ?, ?, ?, ?, ?)", before)

    await db.write(insert)
    await db.close()

    db = await Database.open(tmp_path / "harmonie.db")
    playlists = Playlists(db)
    assert await playlists.remotes("jellyfin") == [
        RemotePlaylist("jellyfin", "both", "u1", "id-3", "Both", "", 9.0, RemoteState.UNFINISHED),
        RemotePlaylist("jellyfin", "mix", "u1", "id-1", "Mix", "hash", 5.0, RemoteState.CURRENT),
        RemotePlaylist("jellyfin", "mix", "u2", "", "Mix", "hash", 6.0, RemoteState.UNCONFIRMED),
        RemotePlaylist(
            "jellyfin", "other", "u1", "id-0", "Other", "old", 8.0, RemoteState.SUPERSEDED
        ),
        RemotePlaylist("jellyfin", "other", "u1", "id-2", "Other", "", 7.0, RemoteState.UNFINISHED),
    ]
    assert await playlists.remotes("m3u") == [
        RemotePlaylist("m3u", "mix", "", "New.m3u8", "New", "sum", 10.0, RemoteState.CURRENT),
        RemotePlaylist("m3u", "mix", "", "Old.m3u8", "Old", "sum", 11.0, RemoteState.SUPERSEDED),
    ]
    await db.close()


async def test_playlists_of_before_there_were_makers_are_the_recipes(tmp_path: Path) -> None:
    db = await Database.open(tmp_path / "harmonie.db", steps=SHIPPED[:8])
    insert = "INSERT INTO playlists VALUES ('mix', 'Daily mix', 'Daily mix', 5.0)"
    await db.write(lambda connection: connection.execute(insert))
    await db.close()

    db = await Database.open(tmp_path / "harmonie.db")
    mix = SavedPlaylist("mix", "Daily mix", "Daily mix", (), 5.0, RECIPES, None, "")
    assert await Playlists(db).by_recipe("Daily mix") == [mix]
    await db.close()


async def test_looks_at_favourites_of_before_there_were_those_at_playlists_are_kept(
    tmp_path: Path,
) -> None:
    db = await Database.open(tmp_path / "harmonie.db", steps=SHIPPED[:19])
    await Plays(db, lambda: 1.0).set_favourites("alice", [], 5.0)
    await db.close()
    db = await Database.open(tmp_path / "harmonie.db")
    looks = await db.read(lambda c: c.execute("SELECT * FROM listener_looks").fetchall())
    assert looks == [(1, "jellyfin", "favourites", 5.0)]
    assert await ListenerLists(db, "jellyfin").looked_at("alice") is None
    await ListenerLists(db, "jellyfin").show("alice", {}, 6.0)
    assert await ListenerLists(db, "jellyfin").looked_at("alice") == 6.0
    await db.close()


async def test_tasks_of_before_there_were_parts_are_kept(tmp_path: Path) -> None:
    before = [step for step in SHIPPED if step.name != "task_families" and step.version < 8]
    db = await Database.open(tmp_path / "harmonie.db", steps=before)
    assert db.schema_version == 7
    await db.write(
        lambda connection: connection.execute(
            "INSERT INTO tasks VALUES ('t', 'scan', 'SUCCESS', 1, 2, 1, '{\"full\": 3}', NULL)"
        ).fetchall()
    )
    await db.close()
    db = await Database.open(tmp_path / "harmonie.db")
    (kept,) = await Tasks(db).newest()
    assert (kept.id, kept.kind, kept.state) == ("t", "scan", TaskState.SUCCESS)
    assert (kept.details, kept.arguments, kept.log, kept.parent_id) == ({"full": 3}, {}, (), None)
    await db.close()
