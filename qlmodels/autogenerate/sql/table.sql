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
        'storage', options.storage
    ))::text as properties,
    json_build_object(
        'columns', array(
            select quote_ident(attribute.attname)
            from pg_catalog.pg_attribute as attribute
            where attribute.attrelid = relation.oid
              and attribute.attnum > 0
              and not attribute.attisdropped
            order by attribute.attnum),
        'ordered', current_setting('qlmodels.options')::jsonb ? 'column order',
        'create', concat_ws(' ', 'create', case relation.relpersistence when 'u' then 'unlogged' end,
                            'table', said.name),
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
    select format('%I.%I', namespace.nspname, relation.relname) as name
) as said
where relation.relkind = 'r'
  and not relation.relispartition
  and relation.reloftype = 0
  and relation.relpersistence <> 't'
  and not exists (
      select from pg_catalog.pg_inherits as inherit
      where inherit.inhrelid = relation.oid
  )
  and namespace.nspname !~ '^pg_' and namespace.nspname <> 'information_schema'
