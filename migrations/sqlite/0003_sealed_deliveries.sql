-- database: inbox
-- A webhook may carry privacy codes, which are as secret as a token. Its bytes are evidence and stay as they came, but sealed.
ALTER TABLE deliveries ADD COLUMN sealed INTEGER NOT NULL DEFAULT 0;  -- 1: body is sealed, and not packed
