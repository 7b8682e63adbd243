select
    'pg_catalog.pg_namespace'::regclass::oid as class_,
    namespace.oid as object,
    0 as part,
    'schema' as kind,
    quote_ident(namespace.nspname) as name,
    null as of_kind,
    null as of_name,
    '{}' as properties
from pg_catalog.pg_namespace as namespace
where namespace.nspname !~ '^pg_' and namespace.nspname <> 'information_schema'
