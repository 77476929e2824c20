-- database: mirror
-- The language of a rider's pages (BCP 47); an empty text leaves it to the browser.
ALTER TABLE accounts ADD COLUMN language text NOT NULL DEFAULT '';
