-- database: mirror
-- What statistics need beside the narrow rows of the library, so that they never read the wide ones.

ALTER TABLE rides ADD COLUMN highest double precision;  -- m above the sea: the highest point of the track
CREATE INDEX rides_burnt ON rides (item) INCLUDE (calories, highest);
-- Few, and not the rider's own: what somebody else rode is pinned here, and counts in nobody's year.
CREATE INDEX items_of_others ON items (account_id) WHERE NOT owned;
