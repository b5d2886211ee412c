-- Files of folders that are no library any more, kept for a while in case they come back. Readers
-- do not see them, nor what hangs on them (store/veil.py).
CREATE TABLE hidden_files (
  id INTEGER PRIMARY KEY REFERENCES files (id) ON DELETE CASCADE,
  since REAL NOT NULL  -- Unix time
) STRICT;
