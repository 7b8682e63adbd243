-- which index a table is clustered on, and what identifies its rows to a replica
with said as (
    select
        index.indexrelid as object,
        -1 as part,
        'cluster' as kind,
        format('%I.%I', namespace.nspname, relation.relname) as table_,
        relation.relkind,
        'index' as property,
        quote_ident(name.relname) as value,
        'cluster on ' || quote_ident(name.relname) as set,
        'set without cluster' as reset
    from pg_catalog.pg_index as index
    join pg_catalog.pg_class as name on name.oid = index.indexrelid
    join pg_catalog.pg_class as relation on relation.oid = index.indrelid
    join pg_catalog.pg_namespace as namespace on namespace.oid = relation.relnamespace
    where index.indisclustered
    union all
    select
        coalesce(index.indexrelid, 0),
        -2,
        'replica identity',
        format('%I.%I', namespace.nspname, relation.relname),
        relation.relkind,
        'identity',
        identity,
        'replica identity ' || identity,
        'replica identity default'
    from pg_catalog.pg_class as relation
    join pg_catalog.pg_namespace as namespace on namespace.oid = relation.relnamespace
    left join pg_catalog.pg_index as index
        on index.indrelid = relation.oid and index.indisreplident and relation.relreplident = 'i'
    left join pg_catalog.pg_class as name on name.oid = index.indexrelid
    cross join lateral (
        select case relation.relreplident
            when 'n' then 'nothing' when 'f' then 'full'
            else 'using index ' || quote_ident(name.relname) end as identity
    ) as identified
    where relation.relkind in ('r', 'p', 'm')
      and (relation.relreplident in ('n', 'f') or index.indexrelid is not null)
      and namespace.nspname !~ '^pg_' and namespace.nspname <> 'information_schema'
)
select
    'pg_catalog.pg_class'::regclass::oid as class_,
    said.object,
    said.part,
    said.kind,
    said.table_ as name,
    case said.relkind when 'm' then 'materialized view' else 'table' end as of_kind,
    said.table_ as of_name,
    json_build_object(said.property, said.value)::text as properties,
    json_build_object(
        'create', head || said.set,
        'drop', head || said.reset,
        'alter', json_build_object(said.property, head || said.set)
    )::text as sql
from said
cross join lateral format(
    'alter %s %s ', case said.relkind when 'm' then 'materialized view' else 'table' end,
    said.table_) as head
