select
    'pg_catalog.pg_class'::regclass::oid as class_,
    relation.oid as object,
    0 as part,
    of_.kind,
    format('%I.%I', namespace.nspname, relation.relname) as name,
    'schema' as of_kind,
    quote_ident(namespace.nspname) as of_name,
    json_strip_nulls(json_build_object(
        'options', option.options,
        'definition', definition
    ))::text as properties,
    json_build_object(
        'columns', (
            select json_agg(quote_ident(attribute.attname) || ' '
                            || pg_catalog.format_type(attribute.atttypid, attribute.atttypmod)
                            order by attribute.attnum)
            from pg_catalog.pg_attribute as attribute
            where attribute.attrelid = relation.oid
              and attribute.attnum > 0 and not attribute.attisdropped),
        'create', 'create ' || said.body,
        'drop', 'drop ' || said.name,
        'alter', json_build_object(
            'options', json_build_object('options', 'alter ' || said.name),
            'definition', case relation.relkind when 'v' then 'create or replace ' || said.body end)
    )::text as sql
from pg_catalog.pg_class as relation
join pg_catalog.pg_namespace as namespace on namespace.oid = relation.relnamespace
cross join lateral rtrim(pg_catalog.pg_get_viewdef(relation.oid), ';') as definition
cross join lateral (
    select case relation.relkind when 'v' then 'view' else 'materialized view' end as kind
) as of_
cross join lateral (
    select
        json_object_agg(option_name, option_value order by position) as options,
        string_agg(option_name || '=' || case when option_value ~ '^[\w.]+$'
                       then option_value else quote_literal(option_value) end,
                   ', ' order by position) as set_
    from pg_catalog.pg_options_to_table(relation.reloptions)
        with ordinality as every(option_name, option_value, position)
    where current_setting('qlmodels.options')::jsonb -> of_.kind ? option_name
) as option
cross join lateral (
    select
        name,
        name || coalesce(' with (' || option.set_ || ')', '') || E' as\n' || definition as body
    from format('%s %I.%I', of_.kind, namespace.nspname, relation.relname) as name
) as said
where relation.relkind in ('v', 'm')
  and relation.relpersistence <> 't'
  and namespace.nspname !~ '^pg_' and namespace.nspname <> 'information_schema'
