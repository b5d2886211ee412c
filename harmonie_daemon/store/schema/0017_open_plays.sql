-- Plays that go on, so that a crash loses nothing of what was heard of them.
CREATE TABLE open_plays (
  source TEXT NOT NULL,
  session TEXT NOT NULL,
  listener TEXT NOT NULL,
  track_id INTEGER NOT NULL,
  duration_s REAL NOT NULL,
  started_at REAL NOT NULL,
  seen_at REAL NOT NULL,
  moved_at REAL NOT NULL,
  position_s REAL NOT NULL,
  heard_s REAL NOT NULL,
  is_paused INTEGER NOT NULL,
  missing_since REAL,
  PRIMARY KEY (source, session)
) STRICT, WITHOUT ROWID;
