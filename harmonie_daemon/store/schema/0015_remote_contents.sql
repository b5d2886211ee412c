-- What was last known to be in a playlist at a target, so that it can be put back when a change
-- breaks off, and what cover we gave it there.
ALTER TABLE remote_playlists ADD COLUMN contents TEXT; -- JSON array of ids, in order
ALTER TABLE remote_playlists ADD COLUMN cover_hash TEXT NOT NULL DEFAULT '';
ALTER TABLE remote_playlists ADD COLUMN cover_seen TEXT NOT NULL DEFAULT '';
