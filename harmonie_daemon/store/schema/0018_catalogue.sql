-- What media servers have of our tracks, so that neither a restart nor a lookup lists them anew.

CREATE TABLE catalogues (
  id INTEGER PRIMARY KEY,
  target TEXT NOT NULL,
  server TEXT NOT NULL,           -- the server's own id
  address TEXT NOT NULL,          -- where it was reached last
  viewer TEXT NOT NULL,           -- as whom it was listed
  used_at REAL NOT NULL,
  listed_at REAL,
  swept_at REAL,
  due_at REAL,                    -- when it is to be gone through again
  since REAL,                     -- the server's clock when changes were last asked for
  told INTEGER,                   -- how many items it counted then
  mark TEXT NOT NULL DEFAULT '',  -- its own word for the state of its library
  sweep INTEGER NOT NULL DEFAULT 0,
  position TEXT,                  -- of the sweep under way
  ids_only INTEGER NOT NULL DEFAULT 0,
  sweep_since REAL,               -- the server's clock when the sweep under way began
  key_version TEXT NOT NULL,      -- of catalogue_keys
  is_dirty INTEGER NOT NULL DEFAULT 0, -- items have changed since the last matching
  generation INTEGER,             -- of our library at the last matching
  basis TEXT NOT NULL DEFAULT '', -- of the rules by which it was matched
  learned TEXT NOT NULL DEFAULT '[]',
  misses INTEGER NOT NULL DEFAULT 0,
  UNIQUE (target, server)
) STRICT;

-- Their ids follow from paths, and change with them.
CREATE TABLE catalogue_items (
  id INTEGER PRIMARY KEY,
  catalogue_id INTEGER NOT NULL REFERENCES catalogues (id) ON DELETE CASCADE,
  remote_id TEXT NOT NULL,
  path TEXT,
  title TEXT,
  album TEXT,
  artists TEXT NOT NULL,          -- JSON array
  track_number INTEGER,
  duration_s REAL,
  musicbrainz TEXT NOT NULL,      -- ids, separated by blanks
  sweep INTEGER NOT NULL,         -- the last that showed it
  UNIQUE (catalogue_id, remote_id)
) STRICT;

-- Digests of all that an item can be recognised by: its path, its ids, its names.
CREATE TABLE catalogue_keys (
  catalogue_id INTEGER NOT NULL,
  key INTEGER NOT NULL,
  item_id INTEGER NOT NULL REFERENCES catalogue_items (id) ON DELETE CASCADE,
  PRIMARY KEY (catalogue_id, key, item_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX catalogue_keys_by_item ON catalogue_keys (item_id);

CREATE TABLE catalogue_matches (
  track_id INTEGER NOT NULL REFERENCES files (id) ON DELETE CASCADE,
  catalogue_id INTEGER NOT NULL REFERENCES catalogues (id) ON DELETE CASCADE,
  item_id INTEGER REFERENCES catalogue_items (id) ON DELETE CASCADE,
  how TEXT NOT NULL,              -- or why not, where there is no item
  PRIMARY KEY (track_id, catalogue_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX catalogue_matches_by_item ON catalogue_matches (item_id);
CREATE INDEX catalogue_matches_by_how ON catalogue_matches (catalogue_id, how);

CREATE TABLE catalogue_users (
  catalogue_id INTEGER NOT NULL REFERENCES catalogues (id) ON DELETE CASCADE,
  user TEXT NOT NULL,
  name TEXT NOT NULL,
  asked_at REAL,                  -- when favourites and plays were last asked for
  PRIMARY KEY (catalogue_id, user)
) STRICT, WITHOUT ROWID;

CREATE TABLE catalogue_user_items (
  catalogue_id INTEGER NOT NULL,
  user TEXT NOT NULL,
  item_id INTEGER NOT NULL REFERENCES catalogue_items (id) ON DELETE CASCADE,
  is_favorite INTEGER NOT NULL,
  plays INTEGER NOT NULL,
  last_played_at REAL,
  PRIMARY KEY (catalogue_id, user, item_id),
  FOREIGN KEY (catalogue_id, user) REFERENCES catalogue_users (catalogue_id, user) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE INDEX catalogue_user_items_by_item ON catalogue_user_items (item_id);
