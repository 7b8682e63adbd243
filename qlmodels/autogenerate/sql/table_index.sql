-- which index a table is clustered on, and what identifies its rows to a replica
select
    'pg_catalog.pg_class'::regclass::oid as class_,
    index.indexrelid as object,
    -1 as part,
    'cluster' as kind,
    format('%I.%I', namespace.nspname, relation.relname) as name,
    case relation.relkind when 'm' then 'materialized view' else 'table' end as of_kind,
    format('%I.%I', namespace.nspname, relation.relname) as of_name,
    json_build_object('index', quote_ident(name.relname))::text as properties
from pg_catalog.pg_index as index
join pg_catalog.pg_class as name on name.oid = index.indexrelid
join pg_catalog.pg_class as relation on relation.oid = index.indrelid
join pg_catalog.pg_namespace as namespace on namespace.oid = relation.relnamespace
where index.indisclustered
union all
select
    'pg_catalog.pg_class'::regclass::oid,
    coalesce(index.indexrelid, 0),
    -2,
    'replica identity',
    format('%I.%I', namespace.nspname, relation.relname),
    case relation.relkind when 'm' then 'materialized view' else 'table' end,
    format('%I.%I', namespace.nspname, relation.relname),
    json_build_object('identity', case relation.relreplident
        when 'n' then 'nothing' when 'f' then 'full'
        else 'using index ' || quote_ident(name.relname) end)::text
from pg_catalog.pg_class as relation
join pg_catalog.pg_namespace as namespace on namespace.oid = relation.relnamespace
left join pg_catalog.pg_index as index
    on index.indrelid = relation.oid and index.indisreplident and relation.relreplident = 'i'
left join pg_catalog.pg_class as name on name.oid = index.indexrelid
where relation.relkind in ('r', 'm')
  and (relation.relreplident in ('n', 'f') or index.indexrelid is not null)
  and namespace.nspname !~ '^pg_' and namespace.nspname <> 'information_schema'
