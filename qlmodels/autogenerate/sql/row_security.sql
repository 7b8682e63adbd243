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
    )::text as properties,
    json_build_object(
        'create', json_build_array(
            case when relation.relrowsecurity then said.enable end,
            case when relation.relforcerowsecurity then said.force end),
        'drop', json_build_array(
            case when relation.relrowsecurity then said.head || ' disable row level security' end,
            case when relation.relforcerowsecurity
                 then said.head || ' no force row level security' end),
        'alter', json_build_object('enabled', said.enable, 'forced', said.force)
    )::text as sql
from pg_catalog.pg_class as relation
join pg_catalog.pg_namespace as namespace on namespace.oid = relation.relnamespace
cross join lateral (
    select
        head,
        head || case when relation.relrowsecurity then ' enable' else ' disable' end
            || ' row level security' as enable,
        head || case when relation.relforcerowsecurity then ' force' else ' no force' end
            || ' row level security' as force
    from format('alter table %I.%I', namespace.nspname, relation.relname) as head
) as said
where relation.relkind in ('r', 'p') and (relation.relrowsecurity or relation.relforcerowsecurity)
