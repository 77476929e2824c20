-- database: inbox
-- What a source itself has said of an item, where that is all there is to be had: the latest statement waits with the task.
ALTER TABLE tasks ADD COLUMN stated_version text COLLATE "C";   -- ISO 8601 in UTC; NULL: nothing was stated
ALTER TABLE tasks ADD COLUMN stated_body    bytea;              -- JSON; NULL: stated to be deleted
