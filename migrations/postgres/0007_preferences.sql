-- database: mirror
-- How a rider wants the pages; an empty text leaves it to the browser.
ALTER TABLE accounts ADD COLUMN units     text NOT NULL DEFAULT '';
ALTER TABLE accounts ADD COLUMN theme     text NOT NULL DEFAULT '';
ALTER TABLE accounts ADD COLUMN map_style text NOT NULL DEFAULT '';
