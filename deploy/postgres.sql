-- Runs once, when the database of compose.postgres.yaml is made, as its superuser. Slipstream gets a role that owns its
-- database and may do nothing else.
\getenv password POSTGRES_PASSWORD
CREATE ROLE slipstream LOGIN PASSWORD :'password';
CREATE DATABASE slipstream OWNER slipstream TEMPLATE template0 ENCODING 'UTF8';
REVOKE ALL ON DATABASE slipstream FROM PUBLIC;

-- The image gave the superuser the same password. Without one it gets in from its own container only.
ALTER ROLE CURRENT_USER PASSWORD NULL;
