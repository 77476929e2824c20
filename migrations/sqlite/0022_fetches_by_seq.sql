-- database: mirror
-- The greatest number is asked for at each start, of however many fetches there were.
CREATE INDEX fetches_by_seq ON fetches (seq);
