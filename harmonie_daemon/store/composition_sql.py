"""The statements of the repository of compositions."""

from __future__ import annotations

COMPOSITION = "id, title, created_at, brief, prompt, origin, version, texts"
VERSION = """
composition_id, number, state, brief, seed, format, created_at, ended_at, error, task_id,
stems_task_id, loudness_lufs, takes, library_path
"""
FILE = "kind, path, format, section, take, instrument, duration_ms, size_bytes"

ADD = f"INSERT INTO compositions ({COMPOSITION}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608
GET = f"SELECT {COMPOSITION} FROM compositions WHERE id = ?"  # noqa: S608
NEXT_NUMBER = """
UPDATE compositions SET version = version + 1, title = ?, brief = ?, prompt = ? WHERE id = ?
RETURNING version
"""
BEGIN = """
INSERT INTO composition_versions (composition_id, number, state, brief, seed, format, created_at)
VALUES (?, ?, 'waiting', ?, ?, ?, ?)
"""
TASK = "UPDATE composition_versions SET task_id = ? WHERE (composition_id, number) = (?, ?)"
STEMS_TASK = """
UPDATE composition_versions SET stems_task_id = ? WHERE (composition_id, number) = (?, ?)
"""
SET_STATE = """
UPDATE composition_versions SET state = ?, error = ?, ended_at = ?
WHERE (composition_id, number) = (?, ?) AND state IN ('waiting', 'composing')
"""
COMPLETE = """
UPDATE composition_versions
SET state = 'composed', error = NULL, loudness_lufs = ?, takes = ?
WHERE (composition_id, number) = (?, ?) AND state IN ('waiting', 'composing') RETURNING id
"""
VERSION_ID = "SELECT id FROM composition_versions WHERE (composition_id, number) = (?, ?)"
ADD_FILE = f"""
INSERT OR REPLACE INTO composition_files (version_id, {FILE}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
"""  # noqa: S608
COUNT_BYTES = """
UPDATE composition_versions SET ended_at = ?, size_bytes = (
  SELECT coalesce(sum(size_bytes), 0) FROM composition_files WHERE version_id = id
) + (
  SELECT CASE texts WHEN '{}' THEN 0 ELSE length(CAST(texts AS BLOB)) END FROM compositions
  WHERE compositions.id = composition_id
) WHERE id = ?
"""
LIBRARY_PATH = """
UPDATE composition_versions SET library_path = ? WHERE (composition_id, number) = (?, ?)
"""
INTERRUPT = """
UPDATE composition_versions SET state = 'failed', error = ?, ended_at = ?
WHERE state IN ('waiting', 'composing') RETURNING composition_id, number
"""
VERSIONS = f"SELECT id, {VERSION} FROM composition_versions"  # noqa: S608
NUMBERED = "WHERE (composition_id, number) = (?, ?)"
BEST = """
WHERE composition_id = ? ORDER BY state = 'composed' DESC, number DESC LIMIT 1
"""
ALL_OF = "WHERE composition_id = ? ORDER BY number DESC LIMIT ?"
OF_TASK = "WHERE task_id = ? OR stems_task_id = ? LIMIT 1"
FILES = f"""
SELECT {FILE} FROM composition_files WHERE version_id = ?
ORDER BY section IS NOT NULL, section, take, kind, instrument, path
"""  # noqa: S608
PAGE = f"""
SELECT {COMPOSITION}, (
  SELECT state FROM composition_versions WHERE composition_id = compositions.id
  ORDER BY number DESC LIMIT 1
), (
  SELECT coalesce(sum(size_bytes), 0) FROM composition_versions
  WHERE composition_id = compositions.id
) FROM compositions WHERE ? OR origin = ?
ORDER BY created_at DESC, rowid DESC LIMIT ? OFFSET ?
"""  # noqa: S608
COUNT = "SELECT count(*) FROM compositions WHERE ? OR origin = ?"
DELETE = "DELETE FROM compositions WHERE id = ? RETURNING id"
DELETE_VERSION = "DELETE FROM composition_versions WHERE (composition_id, number) = (?, ?)"
FORGET_TEXTS = """
UPDATE compositions SET texts = '{}' WHERE id = ? AND texts <> '{}'
AND NOT EXISTS (SELECT 1 FROM composition_versions WHERE composition_id = compositions.id)
"""
"""They are part of what its versions hold, and go with the last of them."""
ENDED = """
SELECT composition_id, number, ended_at, size_bytes FROM composition_versions
WHERE state IN ('composed', 'failed', 'cancelled') AND (size_bytes > 0 OR ended_at < ?)
ORDER BY ended_at, id LIMIT ?
"""
TOTAL_BYTES = "SELECT coalesce(sum(size_bytes), 0) FROM composition_versions"
EMPTY = """
DELETE FROM compositions WHERE id IN (
  SELECT id FROM (
    SELECT id, created_at, row_number() OVER (ORDER BY created_at DESC, id) AS age
    FROM compositions
    WHERE id NOT IN (SELECT composition_id FROM composition_versions)
  ) WHERE created_at < ? OR age > ?
) RETURNING id
"""
