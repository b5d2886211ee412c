-- The words by which tracks are found (store/texts.py): whole words and their beginnings, and any
-- three letters in a row. Neither keeps a copy of what it was made of.
CREATE VIRTUAL TABLE track_words USING fts5 (
  title, artist, album, genre, file,
  content = '', contentless_delete = 1,
  tokenize = 'unicode61 remove_diacritics 2', prefix = '1 2'
);

CREATE VIRTUAL TABLE track_parts USING fts5 (
  text,
  content = '', contentless_delete = 1,
  tokenize = 'trigram case_sensitive 1'
);

CREATE TRIGGER words_go_with_their_track AFTER DELETE ON tracks BEGIN
  DELETE FROM track_words WHERE rowid = old.id;
  DELETE FROM track_parts WHERE rowid = old.id;
END;

-- By which rules words are collected, and how far that has come with the tracks that were there
-- before; the writer keeps all others in step.
CREATE TABLE collected_words (
  only INTEGER PRIMARY KEY CHECK (only = 1),
  version TEXT NOT NULL,
  up_to INTEGER NOT NULL,  -- id of a track; those up to it are done
  last INTEGER NOT NULL  -- id of the last track to do
) STRICT;

INSERT INTO collected_words (only, version, up_to, last) VALUES (1, '', 0, 0);
