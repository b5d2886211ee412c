-- What is known of a playlist of ours on a target becomes a column. It used to stand in the other
-- columns: an empty remote_id (unconfirmed), an empty content_hash (unfinished), a line break in
-- the key (superseded; for files the user 'renamed' as well).
CREATE TABLE remote_playlists_with_state (
  target TEXT NOT NULL,
  key TEXT NOT NULL,
  user TEXT NOT NULL,
  remote_id TEXT NOT NULL, -- empty while unconfirmed
  name TEXT NOT NULL,
  content_hash TEXT NOT NULL,
  pushed_at REAL NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('unconfirmed', 'unfinished', 'current', 'superseded')),
  PRIMARY KEY (target, key, user, remote_id)
) STRICT, WITHOUT ROWID;

INSERT INTO remote_playlists_with_state
SELECT
  target, key, user, remote_id, name, content_hash, pushed_at,
  CASE
    WHEN remote_id = '' THEN 'unconfirmed'
    WHEN content_hash = '' THEN 'unfinished'
    ELSE 'current'
  END
FROM remote_playlists
WHERE instr(key, char(10)) = 0;

-- One that is superseded and in its place all the same was not replaced yet: it stays in place.
INSERT OR IGNORE INTO remote_playlists_with_state
SELECT
  target, substr(key, 1, instr(key, char(10)) - 1), CASE target WHEN 'm3u' THEN '' ELSE user END,
  remote_id, name, content_hash, pushed_at, 'superseded'
FROM remote_playlists
WHERE instr(key, char(10)) > 0;

DROP TABLE remote_playlists;
ALTER TABLE remote_playlists_with_state RENAME TO remote_playlists;

CREATE UNIQUE INDEX remote_playlists_in_place ON remote_playlists (target, key, user)
WHERE state <> 'superseded';
