with options as (
    select
        relation.oid,
        (
            select json_object_agg(option_name, option_value order by of_toast, position)
            from (
                select option_name, option_value, false as of_toast, position
                from pg_catalog.pg_options_to_table(relation.reloptions)
                    with ordinality as option(option_name, option_value, position)
                union all
                select 'toast.' || option_name, option_value, true, position
                from pg_catalog.pg_class as toast
                cross join lateral pg_catalog.pg_options_to_table(toast.reloptions)
                    with ordinality as option(option_name, option_value, position)
                where toast.oid = relation.reltoastrelid
            ) as every
            where current_setting('qlmodels.options')::jsonb -> 'table' ? option_name
        ) as storage
    from pg_catalog.pg_class as relation
)
select
    'pg_catalog.pg_class'::regclass::oid as class_,
    relation.oid as object,
    0 as part,
    'table' as kind,
    format('%I.%I', namespace.nspname, relation.relname) as name,
    'schema' as of_kind,
    quote_ident(namespace.nspname) as of_name,
    json_strip_nulls(json_build_object(
        'unlogged', nullif(relation.relpersistence = 'u', false),
        'storage', options.storage,
        'partition by', said.partition_by,
        'partition of', said.partition_of,
        'bound', said.bound,
        'inherits', said.inherits
    ))::text as properties,
    json_build_object(
        'columns', array(
            select quote_ident(attribute.attname)
            from pg_catalog.pg_attribute as attribute
            where attribute.attrelid = relation.oid
              and attribute.attnum > 0
              and not attribute.attisdropped
            order by attribute.attnum),
        -- rows of partitions and of children are copied by no rebuild
        'ordered', current_setting('qlmodels.options')::jsonb ? 'column order'
                   and relation.relkind = 'r' and not relation.relhassubclass
                   and num_nonnulls(said.partition_of, said.inherits) = 0,
        'key', (
            select json_agg(quote_ident(attribute.attname))
            from pg_catalog.pg_partitioned_table as partitioned
            join pg_catalog.pg_attribute as attribute
                on attribute.attrelid = partitioned.partrelid
               and attribute.attnum = any (partitioned.partattrs)
            where partitioned.partrelid = relation.oid),
        -- what is of the table, and no fact of its own: a partition's columns, keys and indexes
        'inherited', (
            select json_agg(inherited.key)
            from (
                select format('column %s.%I', said.name, attribute.attname) as key
                from pg_catalog.pg_attribute as attribute
                where attribute.attrelid = relation.oid and attribute.attinhcount > 0
                union all
                select format('constraint %I on %s', constraint_.conname, said.name)
                from pg_catalog.pg_constraint as constraint_
                where constraint_.conrelid = relation.oid
                  and (constraint_.conparentid <> 0 or not constraint_.conislocal)
                union all
                select format('index %s', index.indexrelid::regclass)
                from pg_catalog.pg_index as index
                join pg_catalog.pg_class as own on own.oid = index.indexrelid
                where index.indrelid = relation.oid and own.relispartition
            ) as inherited),
        'create', concat_ws(' ', 'create', case relation.relpersistence when 'u' then 'unlogged' end,
                            'table', said.name, 'partition of ' || said.partition_of, said.bound),
        'end', concat_ws(' ', 'inherits (' || array_to_string(said.inherits, ', ') || ')',
                         'partition by ' || said.partition_by),
        'attach', format('alter table %s attach partition %s %s', said.partition_of, said.name,
                         said.bound),
        'detach', format('alter table %s detach partition %s', said.partition_of, said.name),
        'drop', 'drop table ' || said.name,
        'alter', json_build_object(
            'unlogged', format('alter table %s set %s', said.name,
                case relation.relpersistence when 'u' then 'unlogged' else 'logged' end),
            'storage', json_build_object('options', 'alter table ' || said.name))
    )::text as sql
from pg_catalog.pg_class as relation
join pg_catalog.pg_namespace as namespace on namespace.oid = relation.relnamespace
join options on options.oid = relation.oid
cross join lateral (
    select array_agg(format('%I.%I', above.nspname, parent.relname) order by inherit.inhseqno)
        as parents
    from pg_catalog.pg_inherits as inherit
    join pg_catalog.pg_class as parent on parent.oid = inherit.inhparent
    join pg_catalog.pg_namespace as above on above.oid = parent.relnamespace
    where inherit.inhrelid = relation.oid
) as above
cross join lateral (
    select
        format('%I.%I', namespace.nspname, relation.relname) as name,
        case when relation.relkind = 'p' then pg_catalog.pg_get_partkeydef(relation.oid) end
            as partition_by,
        case when relation.relispartition then above.parents[1] end as partition_of,
        pg_catalog.pg_get_expr(relation.relpartbound, relation.oid) as bound,
        case when not relation.relispartition then above.parents end as inherits
) as said
where relation.relkind in ('r', 'p')
  and relation.reloftype = 0
  and relation.relpersistence <> 't'
  and namespace.nspname !~ '^pg_' and namespace.nspname <> 'information_schema'
