-- database: mirror
-- How a rider wants the pages; an empty text leaves it to the browser.
ALTER TABLE accounts ADD COLUMN units     TEXT NOT NULL DEFAULT '';
ALTER TABLE accounts ADD COLUMN theme     TEXT NOT NULL DEFAULT '';
ALTER TABLE accounts ADD COLUMN map_style TEXT NOT NULL DEFAULT '';
