-- The words that tracks have, with how many have each: what a misspelt one may mean. A view of
-- track_words that holds nothing itself.
CREATE VIRTUAL TABLE track_terms USING fts5vocab (track_words, row);
