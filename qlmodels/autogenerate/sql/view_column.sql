-- what was set for columns of views, which else are as their query makes them
with settings as (
    select
        attribute.attrelid,
        format('%I.%I', namespace.nspname, relation.relname) as view_,
        case relation.relkind when 'v' then 'view' else 'materialized view' end as kind,
        quote_ident(attribute.attname) as name,
        json_strip_nulls(json_build_object(
            'default', pg_catalog.pg_get_expr(expression.adbin, expression.adrelid),
            'storage', case when attribute.attstorage <> type.typstorage
                            then case attribute.attstorage
                                     when 'p' then 'plain' when 'e' then 'external'
                                     when 'x' then 'extended' when 'm' then 'main' end end,
            'usual storage', case when attribute.attstorage <> type.typstorage
                                  then case type.typstorage
                                           when 'p' then 'plain' when 'e' then 'external'
                                           when 'x' then 'extended' when 'm' then 'main' end end,
            'compression', case attribute.attcompression when 'p' then 'pglz' when 'l' then 'lz4' end,
            'statistics', nullif(coalesce(attribute.attstattarget, -1), -1),
            'options', (select json_object_agg(option_name, option_value order by position)
                        from pg_catalog.pg_options_to_table(attribute.attoptions)
                            with ordinality as option(option_name, option_value, position))
        ))::text as properties
    from pg_catalog.pg_attribute as attribute
    join pg_catalog.pg_class as relation on relation.oid = attribute.attrelid
    join pg_catalog.pg_namespace as namespace on namespace.oid = relation.relnamespace
    join pg_catalog.pg_type as type on type.oid = attribute.atttypid
    left join pg_catalog.pg_attrdef as expression
        on expression.adrelid = attribute.attrelid and expression.adnum = attribute.attnum
    where relation.relkind in ('v', 'm')
      and attribute.attnum > 0
      and not attribute.attisdropped
      and namespace.nspname !~ '^pg_' and namespace.nspname <> 'information_schema'
)
select
    0::oid as class_,
    0::oid as object,
    0 as part,
    'view column' as kind,
    view_ || '.' || name as name,
    kind as of_kind,
    view_ as of_name,
    properties
from settings
where properties <> '{}'
