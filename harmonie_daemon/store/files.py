"""Files: where they are, which of them could not be decoded; what hangs on them goes with them.

Each function runs inside one transaction.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

from harmonie_daemon.domain.errors import TrackNotFoundError
from harmonie_daemon.domain.track import AudioFile, TrackId
from harmonie_daemon.library.scanner import KnownFile
from harmonie_daemon.store import generations, hidden_files, texts, track_rows
from harmonie_daemon.store.connection import Connection
from harmonie_daemon.store.driver import id_array
from harmonie_daemon.store.keys import clean_text
from harmonie_daemon.store.rows import fetch, stream

_MODELS_ASKED = """
SELECT embeddings.track_id, models.name FROM main.embeddings
JOIN models ON models.id = embeddings.model_id
"""
_MODELS_ASKED_OF = "WHERE embeddings.track_id IN (SELECT value FROM carray(?))"
_KNOWN_FILES = """
SELECT
  files.id, roots.path, files.relative_path, files.size, files.mtime_ns,
  files.fingerprint, files.failure, tracks.descriptor_version, tracks.tags_version
FROM main.files
JOIN roots ON roots.id = files.root_id
LEFT JOIN main.tracks ON tracks.id = files.id
"""
_ASCENDING = "ORDER BY files.id"
_KNOWN_FILES_OF = "WHERE files.id IN (SELECT value FROM carray(?)) ORDER BY files.id"
_AT_OR_BELOW = "SELECT id FROM main.files WHERE path = ? OR (path >= ? AND path < ?)"
_KNOW_ROOT = "INSERT INTO roots (path) VALUES (?) ON CONFLICT (path) DO NOTHING"
_ROOT = "SELECT id FROM roots WHERE path = ?"
_STAT = "SELECT id, size, mtime_ns FROM files WHERE path = ?"
_SAVE_FILE = """
INSERT INTO files
  (path, root_id, relative_path, size, mtime_ns, fingerprint, failure, failed_at, added_at)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (path) DO UPDATE SET
  root_id = excluded.root_id, relative_path = excluded.relative_path,
  size = excluded.size, mtime_ns = excluded.mtime_ns, fingerprint = excluded.fingerprint,
  failure = excluded.failure, failed_at = excluded.failed_at
RETURNING id
"""
_STEP_ASIDE = "UPDATE files SET path = ? WHERE id = ? RETURNING id"
_MOVE_FILE = """
UPDATE files SET path = ?, root_id = ?, relative_path = ?, size = ?, mtime_ns = ? WHERE id = ?
"""
_DELETE_AT_PATH = "DELETE FROM files WHERE path = ? RETURNING id"
_DELETE_FILES = "DELETE FROM files WHERE id IN (SELECT value FROM carray(?)) RETURNING id"
_DELETE_TRACK = "DELETE FROM tracks WHERE id = ? RETURNING id"
_IS_ANALYSED = """
SELECT tracks.id FROM tracks JOIN files ON files.id = tracks.id
WHERE tracks.id = ? AND files.path = ? AND files.size = ? AND files.mtime_ns = ?
"""


def known_files(connection: Connection, below: Sequence[str] | None = None) -> list[KnownFile]:
    """The files that the store remembers, hidden ones among them; see ``Tracks.known_files``."""
    ids = () if below is None else (id_array(_at_or_below(connection, below)),)
    models: dict[int, frozenset[str]] = {}
    for id_, name in stream(connection, _MODELS_ASKED + (_MODELS_ASKED_OF if ids else ""), ids):
        models[id_] = models.get(id_, frozenset()) | {name}
    return [
        KnownFile(
            TrackId(id_),
            track_rows.audio_file(root, relative_path, size, mtime_ns),
            fingerprint,
            failure,
            descriptor_version,
            models.get(id_, frozenset()),
            tags_version,
        )
        for (
            id_,
            root,
            relative_path,
            size,
            mtime_ns,
            fingerprint,
            failure,
            descriptor_version,
            tags_version,
        ) in stream(connection, _KNOWN_FILES + (_KNOWN_FILES_OF if ids else _ASCENDING), ids)
    ]


def stat(connection: Connection, path: str) -> tuple[TrackId, int, int] | None:
    """Id, size and modification time of the file that is known at this path."""
    found = fetch(connection, _STAT, (os.fsencode(path),))
    return found[0] if found else None


def is_analysed(connection: Connection, track_id: TrackId, file: AudioFile) -> bool:
    """Whether this very file, unchanged, is a track: it may have gone while it was heard."""
    columns = (int(track_id), os.fsencode(file.path), file.size, file.mtime_ns)
    return bool(fetch(connection, _IS_ANALYSED, columns))


def save(
    connection: Connection,
    now: float,
    file: AudioFile,
    fingerprint: bytes | None,
    failure: str | None,
) -> TrackId:
    """Insert or update the file at its path; ``failure``: why it cannot be decoded."""
    columns = (
        os.fsencode(file.path),
        *_place(connection, file),
        file.size,
        file.mtime_ns,
        fingerprint,
        failure,
        None if failure is None else now,
        now,
    )
    ((track_id,),) = fetch(connection, _SAVE_FILE, columns)
    return TrackId(track_id)


def record_failure(
    connection: Connection, now: float, file: AudioFile, fingerprint: bytes | None, reason: str
) -> None:
    """Remember that the file cannot be decoded; what an earlier version sounded like goes."""
    text = clean_text(reason) or "no reason given"
    track_id = save(connection, now, file, fingerprint, text)
    if fetch(connection, _DELETE_TRACK, (track_id,)):
        generations.record(connection, (track_id,))


def move_many(connection: Connection, moves: Sequence[tuple[TrackId, AudioFile]]) -> int:
    """Give files other paths, also each other's; see ``Tracks.move_many``."""
    for track_id, _ in moves:
        aside = b"\0%d" % track_id  # no file can be called that
        if not fetch(connection, _STEP_ASIDE, (aside, int(track_id))):
            raise TrackNotFoundError(f"no track has the id {track_id}")
    replaced: list[int] = []
    for track_id, file in moves:
        path = os.fsencode(file.path)
        replaced += (id_ for (id_,) in fetch(connection, _DELETE_AT_PATH, (path,)))
        columns = (path, *_place(connection, file), file.size, file.mtime_ns, int(track_id))
        connection.execute(_MOVE_FILE, columns)
    if moves:
        hidden_files.show(connection, [id_ for id_, _ in moves])
        texts.renew(connection, [int(id_) for id_, _ in moves])
        generations.record(connection, (*(int(id_) for id_, _ in moves), *replaced))
    return len(replaced)


def remove(connection: Connection, ids: Sequence[TrackId]) -> int:
    """Forget files with all that hangs on them; returns how many were known."""
    gone = [id_ for (id_,) in fetch(connection, _DELETE_FILES, (id_array(ids),))]
    if gone:
        generations.record(connection, gone)
    return len(gone)


def _at_or_below(connection: Connection, paths: Sequence[str]) -> list[int]:
    found: set[int] = set()
    for path in map(os.fsencode, paths):
        folder = path.rstrip(b"/")
        bounds = path, folder + b"/", folder + b"0"  # "0" is what follows "/"
        found.update(id_ for (id_,) in stream(connection, _AT_OR_BELOW, bounds))
    return sorted(found)


def _place(connection: Connection, file: AudioFile) -> tuple[int, bytes]:
    """Number of the root, and the path below it."""
    root = os.fsencode(file.root)
    connection.execute(_KNOW_ROOT, (root,))
    ((root_id,),) = fetch(connection, _ROOT, (root,))
    return root_id, os.fsencode(file.relative_path)
