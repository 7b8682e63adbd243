-- What the panel is connected to, and as whom.
select
    pg_catalog.current_database() as name,
    pg_catalog.pg_database_size(pg_catalog.current_database()) as size,
    pg_catalog.current_setting('server_version') as version,
    session_user as login,
    r.rolsuper or r.rolbypassrls as above_rls
from pg_catalog.pg_roles as r
where r.rolname = session_user
