select
    role.rolsuper as superuser,
    role.rolcreatedb as createdb,
    role.rolbypassrls as bypassrls,
    role.rolreplication as replication,
    current_setting('server_version_num')::int / 10000 as major,
    pg_catalog.pg_has_role(database.datdba, 'usage') as owns_database,
    array(
        select quote_ident(other.rolname)
        from pg_catalog.pg_roles as other
        where not pg_catalog.pg_has_role(other.oid, 'usage')
    ) as strangers,
    array(
        select quote_ident(other.rolname)
        from pg_catalog.pg_roles as other
        where not (
            pg_catalog.pg_has_role(other.oid, 'member with admin option')
            or role.rolcreaterole and not other.rolsuper
               and current_setting('server_version_num')::int < 160000)
    ) as unadministered
from pg_catalog.pg_roles as role
join pg_catalog.pg_database as database on database.datname = current_database()
where role.rolname = current_user
