select
    0::oid as class_,
    0::oid as object,
    0 as part,
    'row security' as kind,
    format('%I.%I', namespace.nspname, relation.relname) as name,
    'table' as of_kind,
    format('%I.%I', namespace.nspname, relation.relname) as of_name,
    json_build_object(
        'enabled', relation.relrowsecurity,
        'forced', relation.relforcerowsecurity
    )::text as properties
from pg_catalog.pg_class as relation
join pg_catalog.pg_namespace as namespace on namespace.oid = relation.relnamespace
where relation.relkind = 'r' and (relation.relrowsecurity or relation.relforcerowsecurity)
