-- What moods are made of beside descriptors and styles: further measurements by name, of the
-- track's descriptor_version, and mood tags as written.
CREATE TABLE track_features (
  track_id INTEGER PRIMARY KEY REFERENCES tracks (id) ON DELETE CASCADE,
  features TEXT NOT NULL,  -- JSON object, name to number
  mood_tags TEXT NOT NULL DEFAULT '[]'  -- JSON array
) STRICT;

-- A track without a row has no moods (silence, too short). Scores are those of the track by
-- itself; its rank in the library is worked out when asked for.
CREATE TABLE track_moods (
  track_id INTEGER PRIMARY KEY REFERENCES tracks (id) ON DELETE CASCADE,
  version INTEGER NOT NULL,  -- of the model that made them
  energy REAL NOT NULL CHECK (energy BETWEEN 0.0 AND 1.0),
  valence REAL NOT NULL CHECK (valence BETWEEN 0.0 AND 1.0),
  arousal REAL NOT NULL CHECK (arousal BETWEEN 0.0 AND 1.0),
  danceability REAL NOT NULL CHECK (danceability BETWEEN 0.0 AND 1.0),
  acoustic REAL NOT NULL CHECK (acoustic BETWEEN 0.0 AND 1.0),
  aggressive REAL NOT NULL CHECK (aggressive BETWEEN 0.0 AND 1.0),
  ambient REAL NOT NULL CHECK (ambient BETWEEN 0.0 AND 1.0),
  chilling REAL NOT NULL CHECK (chilling BETWEEN 0.0 AND 1.0),
  dark REAL NOT NULL CHECK (dark BETWEEN 0.0 AND 1.0),
  energetic REAL NOT NULL CHECK (energetic BETWEEN 0.0 AND 1.0),
  epic REAL NOT NULL CHECK (epic BETWEEN 0.0 AND 1.0),
  happy REAL NOT NULL CHECK (happy BETWEEN 0.0 AND 1.0),
  melancholy REAL NOT NULL CHECK (melancholy BETWEEN 0.0 AND 1.0),
  party REAL NOT NULL CHECK (party BETWEEN 0.0 AND 1.0),
  relaxed REAL NOT NULL CHECK (relaxed BETWEEN 0.0 AND 1.0),
  romantic REAL NOT NULL CHECK (romantic BETWEEN 0.0 AND 1.0),
  sad REAL NOT NULL CHECK (sad BETWEEN 0.0 AND 1.0),
  serious REAL NOT NULL CHECK (serious BETWEEN 0.0 AND 1.0),
  sexy REAL NOT NULL CHECK (sexy BETWEEN 0.0 AND 1.0),
  sleepy REAL NOT NULL CHECK (sleepy BETWEEN 0.0 AND 1.0),
  warm REAL NOT NULL CHECK (warm BETWEEN 0.0 AND 1.0),
  evidence TEXT NOT NULL  -- JSON object: name of a column above to [source, confidence]
) STRICT;

CREATE INDEX track_moods_by_version ON track_moods (version);
