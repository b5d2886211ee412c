-- Tasks have parts: a part goes with the task it belongs to. What was asked for and what a task had
-- to say are kept with it.
ALTER TABLE tasks ADD COLUMN parent_id TEXT REFERENCES tasks (id) ON DELETE CASCADE;
ALTER TABLE tasks ADD COLUMN arguments TEXT NOT NULL DEFAULT '{}';  -- JSON object
ALTER TABLE tasks ADD COLUMN log TEXT NOT NULL DEFAULT '[]';  -- JSON array of [time, text]

DROP INDEX tasks_by_kind;
DROP INDEX tasks_by_created_at;
CREATE INDEX tasks_by_kind ON tasks (parent_id, kind, created_at);
CREATE INDEX tasks_by_created_at ON tasks (parent_id, created_at);
