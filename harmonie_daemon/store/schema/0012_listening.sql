-- Who played what. The key of a listener is made by domain.listening.listener_key.
CREATE TABLE listeners (
  id INTEGER PRIMARY KEY,
  key TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,  -- as it was spelled last
  forgotten_at REAL  -- Unix time, as all below; nothing of before is taken in again
) STRICT;

-- The track ids below outlive their files (see gone_files), so they reference nothing.
CREATE TABLE plays (
  id INTEGER PRIMARY KEY,
  listener_id INTEGER NOT NULL REFERENCES listeners (id) ON DELETE CASCADE,
  track_id INTEGER NOT NULL,
  started_at REAL NOT NULL,
  ended_at REAL NOT NULL CHECK (ended_at >= started_at),
  heard_s REAL NOT NULL CHECK (heard_s >= 0),
  outcome TEXT NOT NULL,
  source TEXT NOT NULL,
  seen_by TEXT NOT NULL  -- JSON object: the sources that told of it, and each one's start
) STRICT;

CREATE INDEX plays_by_listener_and_track ON plays (listener_id, track_id, started_at);
CREATE INDEX plays_by_listener ON plays (listener_id, started_at);
CREATE INDEX plays_by_started_at ON plays (started_at);
CREATE INDEX plays_by_track ON plays (track_id);

-- place: the server (jellyfin, subsonic). Muted: known of before the listener was forgotten.
CREATE TABLE favourites (
  listener_id INTEGER NOT NULL REFERENCES listeners (id) ON DELETE CASCADE,
  place TEXT NOT NULL,
  track_id INTEGER NOT NULL,
  noticed_at REAL NOT NULL,
  is_muted INTEGER NOT NULL DEFAULT 0 CHECK (is_muted IN (0, 1)),
  PRIMARY KEY (listener_id, place, track_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX favourites_by_track ON favourites (track_id);

CREATE TABLE play_totals (
  listener_id INTEGER NOT NULL REFERENCES listeners (id) ON DELETE CASCADE,
  place TEXT NOT NULL,
  track_id INTEGER NOT NULL,
  imported INTEGER NOT NULL,  -- plays at the first look
  counted INTEGER NOT NULL,  -- plays at the last look
  last_played_at REAL,
  PRIMARY KEY (listener_id, place, track_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX play_totals_by_track ON play_totals (track_id);

-- When a listener's favourites and totals (what) were last looked at as a whole.
CREATE TABLE listener_looks (
  listener_id INTEGER NOT NULL REFERENCES listeners (id) ON DELETE CASCADE,
  place TEXT NOT NULL,
  what TEXT NOT NULL CHECK (what IN ('favourites', 'totals')),
  looked_at REAL NOT NULL,
  PRIMARY KEY (listener_id, place, what)
) STRICT, WITHOUT ROWID;

-- The number grows with every change of plays, favourites and totals.
CREATE TABLE listening_generation (
  only INTEGER PRIMARY KEY CHECK (only = 1),
  current INTEGER NOT NULL
) STRICT;

INSERT INTO listening_generation (only, current) VALUES (1, 0);

-- Files that are gone and were listened to. One that comes back, by its path or by its content,
-- gets what was kept of it under its new id.
CREATE TABLE gone_files (
  id INTEGER PRIMARY KEY,
  path BLOB NOT NULL,
  fingerprint BLOB
) STRICT;

CREATE INDEX gone_files_by_path ON gone_files (path);
CREATE INDEX gone_files_by_fingerprint ON gone_files (fingerprint);

CREATE TRIGGER files_that_were_heard_go BEFORE DELETE ON files
WHEN EXISTS (SELECT 1 FROM plays WHERE track_id = OLD.id)
  OR EXISTS (SELECT 1 FROM favourites WHERE track_id = OLD.id)
  OR EXISTS (SELECT 1 FROM play_totals WHERE track_id = OLD.id)
BEGIN
  INSERT OR REPLACE INTO gone_files (id, path, fingerprint)
  VALUES (OLD.id, OLD.path, OLD.fingerprint);
END;

CREATE TRIGGER files_that_were_heard_come_back AFTER INSERT ON files
WHEN EXISTS (SELECT 1 FROM gone_files WHERE path = NEW.path OR fingerprint = NEW.fingerprint)
BEGIN
  INSERT INTO returned_files (was, is_now)
  SELECT id, NEW.id FROM gone_files WHERE path = NEW.path OR fingerprint = NEW.fingerprint
  ORDER BY path = NEW.path DESC, id DESC LIMIT 1;
END;

-- A view takes the one id that is meant through several statements.
CREATE VIEW returned_files AS SELECT NULL AS was, NULL AS is_now;

CREATE TRIGGER returned_files_are_known INSTEAD OF INSERT ON returned_files
BEGIN
  UPDATE plays SET track_id = NEW.is_now WHERE track_id = NEW.was;
  UPDATE favourites SET track_id = NEW.is_now WHERE track_id = NEW.was;
  UPDATE play_totals SET track_id = NEW.is_now WHERE track_id = NEW.was;
  DELETE FROM gone_files WHERE id = NEW.was;
  UPDATE listening_generation SET current = current + 1;
END;
