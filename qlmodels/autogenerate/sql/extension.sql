select
    'pg_catalog.pg_extension'::regclass::oid as class_,
    extension.oid as object,
    0 as part,
    'extension' as kind,
    quote_ident(extension.extname) as name,
    null as of_kind,
    null as of_name,
    json_build_object('schema', quote_ident(namespace.nspname))::text as properties
from pg_catalog.pg_extension as extension
join pg_catalog.pg_namespace as namespace on namespace.oid = extension.extnamespace
where extension.oid >= 16384
