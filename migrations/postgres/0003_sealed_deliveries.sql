-- database: inbox
-- A webhook may carry privacy codes, which are as secret as a token. Its bytes are evidence and stay as they came, but sealed.
ALTER TABLE deliveries ADD COLUMN sealed boolean NOT NULL DEFAULT false;  -- body is sealed, and not packed
