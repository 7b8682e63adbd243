select
    'pg_catalog.pg_class'::regclass::oid as class_,
    relation.oid as object,
    0 as part,
    case relation.relkind when 'v' then 'view' else 'materialized view' end as kind,
    format('%I.%I', namespace.nspname, relation.relname) as name,
    'schema' as of_kind,
    quote_ident(namespace.nspname) as of_name,
    json_strip_nulls(json_build_object(
        'columns', (
            select json_agg(quote_ident(attribute.attname) || ' '
                            || pg_catalog.format_type(attribute.atttypid, attribute.atttypmod)
                            order by attribute.attnum)
            from pg_catalog.pg_attribute as attribute
            where attribute.attrelid = relation.oid
              and attribute.attnum > 0 and not attribute.attisdropped),
        'options', (select json_object_agg(option_name, option_value order by position)
                    from pg_catalog.pg_options_to_table(relation.reloptions)
                        with ordinality as option(option_name, option_value, position)),
        'definition', rtrim(pg_catalog.pg_get_viewdef(relation.oid), ';')
    ))::text as properties
from pg_catalog.pg_class as relation
join pg_catalog.pg_namespace as namespace on namespace.oid = relation.relnamespace
where relation.relkind in ('v', 'm')
  and relation.relpersistence <> 't'
  and namespace.nspname !~ '^pg_' and namespace.nspname <> 'information_schema'
