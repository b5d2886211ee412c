-- Playlists of people's own that we fill because of their name: what we last left in them, so that
-- our own changes are not taken for theirs, and whose tracks are the seeds, so that none is lost.
CREATE TABLE prefix_lists (
  target TEXT NOT NULL,
  remote_id TEXT NOT NULL,
  owner TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('settled', 'writing')),
  snapshot TEXT NOT NULL, -- digest of name and contents as we left or last saw them
  seeds TEXT NOT NULL, -- JSON list of the server's ids
  added TEXT NOT NULL, -- JSON list: what we put in below them, or were about to
  refreshed_at REAL NOT NULL,
  due_at REAL NOT NULL, -- not looked at before; after a failure
  failures INTEGER NOT NULL,
  seen_at REAL NOT NULL, -- when the server last named it
  looked_at REAL NOT NULL, -- when its contents were last read
  problem TEXT NOT NULL, -- why it stays as it is; empty where it does not
  PRIMARY KEY (target, remote_id)
) STRICT, WITHOUT ROWID;
