-- database: inbox
-- What share of changes was announced needs those too that a webhook brought in time, and that reconciliation therefore had nothing to
-- fetch for. True: it was here already; false: it had to be fetched; NULL: noted before this was known, and in no share.
ALTER TABLE findings ADD COLUMN known boolean;
CREATE INDEX findings_by_time ON findings (source, account, found_at, happened_at, announced, known);
CREATE INDEX findings_announced ON findings (found_at) WHERE announced;
