select
    role.rolsuper as superuser,
    role.rolbypassrls as bypassrls,
    role.rolreplication as replication,
    current_setting('server_version_num')::int as version
from pg_catalog.pg_roles as role
where role.rolname = current_user
