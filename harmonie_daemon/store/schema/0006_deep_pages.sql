-- Pages far down a list skip entries of these, not rows of the tables.
CREATE INDEX tracks_by_id ON tracks (id);

-- A file without a failure is a track: both change in one transaction.
CREATE INDEX files_of_tracks_by_path ON files (path) WHERE failure IS NULL;
