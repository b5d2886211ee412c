-- Text keys (…_key) are made by domain.text.text_key; meta.key_version says by which version.
-- Paths are BLOBs: file names are bytes, and not all of them are UTF-8.

PRAGMA application_id = 1214345837;  -- 'Harm'

CREATE TABLE meta (
  key TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE roots (
  id INTEGER PRIMARY KEY,
  path BLOB NOT NULL UNIQUE
) STRICT;

-- Every audio file ever seen at a path, decodable or not. The id is the track id and stays with
-- the path as long as the file exists; AUTOINCREMENT: ids of vanished files are never given anew.
CREATE TABLE files (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  root_id INTEGER NOT NULL REFERENCES roots (id),
  path BLOB NOT NULL UNIQUE,
  relative_path BLOB NOT NULL,
  size INTEGER NOT NULL,
  mtime_ns INTEGER NOT NULL,
  fingerprint BLOB,
  added_at REAL NOT NULL,
  failure TEXT,
  failed_at REAL,
  CHECK ((failure IS NULL) = (failed_at IS NULL))
) STRICT;

CREATE INDEX files_by_root ON files (root_id);
CREATE INDEX files_by_relative_path ON files (relative_path);
CREATE INDEX files_by_added_at ON files (added_at);
CREATE INDEX files_by_failed_at ON files (failed_at) WHERE failure IS NOT NULL;

-- What was heard in a file; a file that could not be decoded has no row here.
CREATE TABLE tracks (
  id INTEGER PRIMARY KEY REFERENCES files (id) ON DELETE CASCADE,
  artist TEXT,
  album_artist TEXT,
  album TEXT,
  title TEXT,
  artist_key TEXT,
  album_artist_key TEXT,
  album_key TEXT,
  title_key TEXT,
  track_number INTEGER,
  disc_number INTEGER,
  date TEXT,
  genres TEXT NOT NULL DEFAULT '[]',  -- JSON array, as tagged
  musicbrainz_recording_id TEXT,
  musicbrainz_track_id TEXT,
  musicbrainz_album_id TEXT,
  musicbrainz_artist_id TEXT,
  tag_bpm REAL,
  tag_key TEXT,
  replaygain_track_gain_db REAL,
  duration_s REAL NOT NULL,
  decoded_fraction REAL NOT NULL,
  bpm REAL,
  bpm_confidence REAL,
  key TEXT,
  scale TEXT CHECK (scale IN ('major', 'minor')),
  key_strength REAL,
  danceability REAL,
  loudness_db REAL,
  onset_rate REAL,
  descriptor_version INTEGER NOT NULL,
  analyzed_at REAL NOT NULL
) STRICT;

CREATE INDEX tracks_by_artist ON tracks (artist_key, album_key, title_key);
CREATE INDEX tracks_by_title ON tracks (title_key, artist_key, album_key);
CREATE INDEX tracks_by_album ON tracks (album_key);
CREATE INDEX tracks_by_key ON tracks (key, scale, bpm);
CREATE INDEX tracks_by_bpm ON tracks (bpm);
CREATE INDEX tracks_by_duration ON tracks (duration_s);
CREATE INDEX tracks_by_analyzed_at ON tracks (analyzed_at);

CREATE TABLE styles (
  id INTEGER PRIMARY KEY,
  genre TEXT NOT NULL,
  style TEXT NOT NULL,
  genre_key TEXT NOT NULL,
  style_key TEXT NOT NULL,
  UNIQUE (genre, style)
) STRICT;

CREATE TABLE track_styles (
  track_id INTEGER NOT NULL REFERENCES tracks (id) ON DELETE CASCADE,
  style_id INTEGER NOT NULL REFERENCES styles (id),
  probability REAL NOT NULL CHECK (probability BETWEEN 0.0 AND 1.0),
  PRIMARY KEY (track_id, style_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX track_styles_by_style ON track_styles (style_id, probability, track_id);

-- Genre tags that no style of the taxonomy stands for.
CREATE TABLE unmapped_genres (
  track_id INTEGER NOT NULL REFERENCES tracks (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  PRIMARY KEY (track_id, name)
) STRICT, WITHOUT ROWID;

CREATE INDEX unmapped_genres_by_name ON unmapped_genres (name);

-- The vectors of model N lie in the virtual table vec_N, made with the model's first vector;
-- until then dim is NULL.
CREATE TABLE models (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  dim INTEGER CHECK (dim > 0)
) STRICT;

-- has_vector 0: the model was asked and had no answer (too short, silent).
CREATE TABLE embeddings (
  track_id INTEGER NOT NULL REFERENCES tracks (id) ON DELETE CASCADE,
  model_id INTEGER NOT NULL REFERENCES models (id),
  has_vector INTEGER NOT NULL CHECK (has_vector IN (0, 1)),
  PRIMARY KEY (track_id, model_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX embeddings_by_model ON embeddings (model_id, has_vector, track_id);

-- The generation grows with every transaction that changes tracks or vectors; the log says which.
-- Changes up to and including generation `forgotten` have been trimmed from the log.
CREATE TABLE generations (
  only INTEGER PRIMARY KEY CHECK (only = 1),
  current INTEGER NOT NULL,
  forgotten INTEGER NOT NULL
) STRICT;

INSERT INTO generations (only, current, forgotten) VALUES (1, 0, 0);

CREATE TABLE changes (
  sequence INTEGER PRIMARY KEY,
  generation INTEGER NOT NULL,
  track_id INTEGER NOT NULL
) STRICT;

CREATE INDEX changes_by_generation ON changes (generation, track_id);

CREATE TABLE playlists (
  key TEXT PRIMARY KEY,
  recipe TEXT NOT NULL,
  name TEXT NOT NULL,
  refreshed_at REAL NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX playlists_by_recipe ON playlists (recipe);

-- Items point at files, not tracks: one that cannot be decoded for a while keeps its place.
CREATE TABLE playlist_items (
  playlist_key TEXT NOT NULL REFERENCES playlists (key) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  track_id INTEGER NOT NULL REFERENCES files (id) ON DELETE CASCADE,
  PRIMARY KEY (playlist_key, position)
) STRICT, WITHOUT ROWID;

CREATE INDEX playlist_items_by_track ON playlist_items (track_id);

-- No reference to playlists: a remote copy is remembered until it is deleted over there.
CREATE TABLE remote_playlists (
  target TEXT NOT NULL,
  key TEXT NOT NULL,
  user TEXT NOT NULL,
  remote_id TEXT NOT NULL,
  name TEXT NOT NULL,
  content_hash TEXT NOT NULL,
  pushed_at REAL NOT NULL,
  PRIMARY KEY (target, key, user)
) STRICT, WITHOUT ROWID;

CREATE TABLE target_states (
  target TEXT PRIMARY KEY,
  failures INTEGER NOT NULL,
  next_attempt_at REAL NOT NULL,
  last_error TEXT,
  last_success_at REAL
) STRICT, WITHOUT ROWID;

CREATE TABLE tasks (
  id TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  state TEXT NOT NULL,
  created_at REAL NOT NULL,
  updated_at REAL NOT NULL,
  progress REAL NOT NULL,
  details TEXT NOT NULL,  -- JSON object
  error TEXT
) STRICT, WITHOUT ROWID;

CREATE INDEX tasks_by_kind ON tasks (kind, created_at);
CREATE INDEX tasks_by_created_at ON tasks (created_at);
