-- The artists after the first, which stands in tracks; of_album 1: of the album's artists.
CREATE TABLE further_artists (
  track_id INTEGER NOT NULL REFERENCES tracks (id) ON DELETE CASCADE,
  of_album INTEGER NOT NULL CHECK (of_album IN (0, 1)),
  position INTEGER NOT NULL,
  name TEXT NOT NULL,
  name_key TEXT,
  name_folded TEXT,
  PRIMARY KEY (track_id, of_album, position)
) STRICT, WITHOUT ROWID;

CREATE INDEX further_artists_by_key ON further_artists (name_key, of_album);
CREATE INDEX further_artists_by_folded ON further_artists (name_folded, of_album);

-- Keys without accents and typography (…_folded, domain.text.folded_key): the last resort.
ALTER TABLE tracks ADD COLUMN artist_folded TEXT;
ALTER TABLE tracks ADD COLUMN album_folded TEXT;
ALTER TABLE tracks ADD COLUMN title_folded TEXT;

CREATE INDEX tracks_by_folded_title ON tracks (title_folded, artist_folded, album_folded);

-- By which version of library.tags the tags were read; older ones are read anew.
ALTER TABLE tracks ADD COLUMN tags_version INTEGER NOT NULL DEFAULT 0;
