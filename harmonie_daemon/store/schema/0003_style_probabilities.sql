-- The classifier's mean probability of each Discogs style: float16[400], little-endian. The style
-- rows of a track with a row here are the classifier's; those of any other are its genre tags'.
CREATE TABLE style_probabilities (
  track_id INTEGER PRIMARY KEY REFERENCES tracks (id) ON DELETE CASCADE,
  probabilities BLOB NOT NULL
) STRICT;
