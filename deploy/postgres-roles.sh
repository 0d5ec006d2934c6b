#!/bin/sh
# Runs once, when the database volume is new: the owner migrates, the app reads and writes rows.
set -eu
psql --set ON_ERROR_STOP=1 --username postgres \
    --set owner_password="$POSTGRES_OWNER_PASSWORD" --set app_password="$POSTGRES_APP_PASSWORD" <<'SQL'
CREATE ROLE nexnum_owner LOGIN PASSWORD :'owner_password';
CREATE ROLE nexnum_app LOGIN PASSWORD :'app_password';
CREATE DATABASE nexnum OWNER nexnum_owner;
\connect nexnum
GRANT USAGE ON SCHEMA public TO nexnum_app;
GRANT CREATE, USAGE ON SCHEMA public TO nexnum_owner;
ALTER DEFAULT PRIVILEGES FOR ROLE nexnum_owner IN SCHEMA public
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO nexnum_app;
ALTER DEFAULT PRIVILEGES FOR ROLE nexnum_owner IN SCHEMA public
    GRANT USAGE, SELECT ON SEQUENCES TO nexnum_app;
SQL
