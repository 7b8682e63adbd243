with storage as (
    select
        relation.oid,
        json_object_agg(option_name, option_value order by position)
            filter (where compared) as options,
        -- as pg_get_indexdef prints it, to take it out of the definition again
        ' WITH (' || string_agg(printed, ', ' order by position) || ')' as every_clause,
        ' WITH (' || string_agg(printed, ', ' order by position)
            filter (where compared) || ')' as clause
    from pg_catalog.pg_class as relation
    cross join lateral pg_catalog.pg_options_to_table(relation.reloptions)
        with ordinality as option(option_name, option_value, position)
    cross join lateral (
        select
            current_setting('qlmodels.options')::jsonb -> 'index' ? option_name as compared,
            quote_ident(option_name) || '='
            || case when quote_ident(option_value) = option_value
                    then option_value else quote_literal(option_value) end as printed
    ) as said
    where relation.relkind in ('i', 'I')
    group by relation.oid
)
select
    'pg_catalog.pg_class'::regclass::oid as class_,
    relation.oid as object,
    0 as part,
    'index' as kind,
    format('%I.%I', namespace.nspname, relation.relname) as name,
    case table_.relkind when 'm' then 'materialized view' else 'table' end as of_kind,
    format('%I.%I', namespace.nspname, table_.relname) as of_name,
    json_strip_nulls(json_build_object(
        'definition', replace(definition, coalesce(storage.every_clause, ''), ''),
        'storage', storage.options,
        'invalid', nullif(not index.indisvalid, false),
        'statistics', (
            select json_object_agg(attribute.attnum, attribute.attstattarget
                                   order by attribute.attnum)
            from pg_catalog.pg_attribute as attribute
            where attribute.attrelid = relation.oid and attribute.attstattarget >= 0)
    ))::text as properties,
    json_build_object(
        'name', quote_ident(relation.relname),
        'of partitions', relation.relkind = 'I',
        'definition', replace(definition, coalesce(storage.every_clause, ''),
                              coalesce(storage.clause, '')),
        -- where it was never begun, there is none
        'drop', format('drop index %s%I.%I', case when not index.indisvalid then 'if exists ' end,
                       namespace.nspname, relation.relname),
        'alter', json_build_object(
            'storage', json_build_object(
                'options', format('alter index %I.%I', namespace.nspname, relation.relname)),
            'statistics', array(
                select format('alter index %I.%I alter column %s set statistics %s',
                              namespace.nspname, relation.relname, attribute.attnum,
                              coalesce(attribute.attstattarget, -1))
                from pg_catalog.pg_attribute as attribute
                where attribute.attrelid = relation.oid
                  and index.indkey[attribute.attnum - 1] = 0
                order by attribute.attnum))
    )::text as sql
from pg_catalog.pg_index as index
join pg_catalog.pg_class as relation on relation.oid = index.indexrelid
join pg_catalog.pg_class as table_ on table_.oid = index.indrelid
join pg_catalog.pg_namespace as namespace on namespace.oid = relation.relnamespace
left join storage on storage.oid = relation.oid
cross join lateral (
    -- of a partitioned table, with the indexes of its partitions
    select case relation.relkind when 'I' then regexp_replace(printed, ' ON ONLY ', ' ON ')
                else printed end as definition
    from pg_catalog.pg_get_indexdef(relation.oid) as printed
) as written
where relation.relkind in ('i', 'I')
  and not relation.relispartition
  and not exists (
      select from pg_catalog.pg_constraint as constraint_
      where constraint_.conindid = relation.oid and constraint_.contype in ('p', 'u', 'x'))
  and namespace.nspname !~ '^pg_' and namespace.nspname <> 'information_schema'
