-- What was composed, and each time that it was. The files lie in the data folder.
CREATE TABLE compositions (
  id TEXT PRIMARY KEY,  -- a UUID
  title TEXT NOT NULL,
  created_at REAL NOT NULL,  -- Unix time, as all below
  brief TEXT NOT NULL,  -- JSON object
  prompt TEXT NOT NULL,
  origin TEXT NOT NULL,
  version INTEGER NOT NULL DEFAULT 0,  -- of the newest; numbers are never given anew
  texts TEXT NOT NULL DEFAULT '{}'  -- JSON object
) STRICT;

CREATE INDEX compositions_by_created_at ON compositions (created_at);
CREATE INDEX compositions_by_origin ON compositions (origin, created_at);

CREATE TABLE composition_versions (
  id INTEGER PRIMARY KEY,
  composition_id TEXT NOT NULL REFERENCES compositions (id) ON DELETE CASCADE,
  number INTEGER NOT NULL,
  state TEXT NOT NULL,
  brief TEXT NOT NULL,  -- JSON object
  seed INTEGER NOT NULL,
  format TEXT NOT NULL,
  created_at REAL NOT NULL,
  ended_at REAL,
  error TEXT,
  task_id TEXT,
  stems_task_id TEXT,
  loudness_lufs REAL,
  takes TEXT NOT NULL DEFAULT '[]',  -- JSON array
  library_path BLOB,
  size_bytes INTEGER NOT NULL DEFAULT 0,  -- of its files
  UNIQUE (composition_id, number)
) STRICT;

CREATE INDEX composition_versions_by_task ON composition_versions (task_id);
CREATE INDEX composition_versions_by_stems_task ON composition_versions (stems_task_id);
CREATE INDEX composition_versions_by_state ON composition_versions (state, ended_at);

CREATE TABLE composition_files (
  version_id INTEGER NOT NULL REFERENCES composition_versions (id) ON DELETE CASCADE,
  path TEXT NOT NULL,  -- relative to the data folder
  kind TEXT NOT NULL,
  format TEXT NOT NULL,
  section INTEGER,
  take INTEGER,
  instrument TEXT,
  duration_ms INTEGER,
  size_bytes INTEGER NOT NULL,
  PRIMARY KEY (version_id, path)
) STRICT, WITHOUT ROWID;
