select
    'pg_catalog.pg_authid'::regclass::oid as class_,
    role.oid as object,
    0 as part,
    'role' as kind,
    quote_ident(role.rolname) as name,
    null as of_kind,
    null as of_name,
    json_strip_nulls(json_build_object(
        'login', role.rolcanlogin,
        'inherit', role.rolinherit,
        'superuser', role.rolsuper,
        'createdb', role.rolcreatedb,
        'createrole', role.rolcreaterole,
        'replication', role.rolreplication,
        'bypassrls', role.rolbypassrls,
        'connection limit', role.rolconnlimit,
        'valid until', nullif(role.rolvaliduntil, 'infinity'),
        'settings', role.rolconfig
    ))::text as properties
from pg_catalog.pg_roles as role
where role.rolname !~ '^pg_'
