-- database: mirror
-- Gone at the provider, held by the brake, and the owner said: keep it. Not asked about again unless it comes back first.
ALTER TABLE items ADD COLUMN kept_at bigint;
CREATE INDEX items_kept ON items (account_id) WHERE kept_at IS NOT NULL;
