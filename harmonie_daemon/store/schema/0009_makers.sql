-- Not every playlist comes from a recipe: each names its maker, who alone changes and retires it.
ALTER TABLE playlists ADD COLUMN maker TEXT NOT NULL DEFAULT 'recipes';
ALTER TABLE playlists ADD COLUMN user TEXT; -- of a media server; NULL: for no one user
ALTER TABLE playlists ADD COLUMN description TEXT NOT NULL DEFAULT '';

DROP INDEX playlists_by_recipe;
CREATE INDEX playlists_by_maker ON playlists (maker, recipe);
