-- Listeners' own playlists at media servers, as far as is needed to say which of our tracks are in
-- how many of them. The ids are the server's: which track one is, its catalogue says.
CREATE TABLE listener_lists (
  id INTEGER PRIMARY KEY,
  listener_id INTEGER NOT NULL REFERENCES listeners (id) ON DELETE CASCADE,
  place TEXT NOT NULL, -- the server: jellyfin, subsonic
  remote_id TEXT NOT NULL,
  mark TEXT NOT NULL, -- changes with its contents, as the server told last
  read_mark TEXT, -- the mark when its contents were read; NULL: they never were
  read_at REAL,
  is_tried INTEGER NOT NULL DEFAULT 0 CHECK (is_tried IN (0, 1)), -- in vain, since it was shown
  entries INTEGER NOT NULL DEFAULT 0, -- kept below
  missed INTEGER NOT NULL DEFAULT 0, -- looks in a row that did not show it
  is_muted INTEGER NOT NULL CHECK (is_muted IN (0, 1)), -- what is read next was there before its
  -- listener was forgotten
  UNIQUE (listener_id, place, remote_id)
) STRICT;

CREATE TABLE listener_list_items (
  list_id INTEGER NOT NULL REFERENCES listener_lists (id) ON DELETE CASCADE,
  remote_id TEXT NOT NULL,
  is_muted INTEGER NOT NULL CHECK (is_muted IN (0, 1)), -- known of before the listener was forgotten
  PRIMARY KEY (list_id, remote_id)
) STRICT, WITHOUT ROWID;

-- Looks at playlists come to those at favourites and totals.
CREATE TABLE looks (
  listener_id INTEGER NOT NULL REFERENCES listeners (id) ON DELETE CASCADE,
  place TEXT NOT NULL,
  what TEXT NOT NULL CHECK (what IN ('favourites', 'totals', 'playlists')),
  looked_at REAL NOT NULL,
  PRIMARY KEY (listener_id, place, what)
) STRICT, WITHOUT ROWID;

INSERT INTO looks SELECT listener_id, place, what, looked_at FROM listener_looks;
DROP TABLE listener_looks;
ALTER TABLE looks RENAME TO listener_looks;
