-- Names among the words of a text are found without accents.
CREATE INDEX tracks_by_folded_artist ON tracks (artist_folded);
CREATE INDEX tracks_by_folded_album ON tracks (album_folded);
