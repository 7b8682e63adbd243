select
    'pg_catalog.pg_database'::regclass::oid as class_,
    database.oid as object,
    0 as part,
    'database' as kind,
    'current' as name,
    null as of_kind,
    null as of_name,
    '{}' as properties,
    '{}' as sql
from pg_catalog.pg_database as database
where database.datname = current_database()
