-- database: mirror
-- The id of an account that was erased is not given to the next one: whatever was still under way for the first, a fetch or an open
-- page, must find nobody there.
CREATE TABLE account_ids (
  last INTEGER NOT NULL
) STRICT;
INSERT INTO account_ids SELECT coalesce(max(id), 0) FROM accounts;
