-- what was set for columns of views, which else are as their query makes them
with settings as (
    select
        case relation.relkind when 'v' then 'view' else 'materialized view' end as kind,
        view_,
        quote_ident(attribute.attname) as name,
        format('alter table %s alter column %I', view_, attribute.attname) as head,
        pg_catalog.pg_get_expr(expression.adbin, expression.adrelid) as default_,
        attribute.attstorage <> type.typstorage as stored,
        case attribute.attstorage when 'p' then 'plain' when 'e' then 'external'
            when 'x' then 'extended' when 'm' then 'main' end as storage,
        case type.typstorage when 'p' then 'plain' when 'e' then 'external'
            when 'x' then 'extended' when 'm' then 'main' end as usual_storage,
        case attribute.attcompression when 'p' then 'pglz' when 'l' then 'lz4' end as compression,
        nullif(attribute.attstattarget, -1) as statistics,
        option.options,
        option.set_ as options_set,
        option.reset_ as options_reset
    from pg_catalog.pg_attribute as attribute
    join pg_catalog.pg_class as relation on relation.oid = attribute.attrelid
    join pg_catalog.pg_namespace as namespace on namespace.oid = relation.relnamespace
    join pg_catalog.pg_type as type on type.oid = attribute.atttypid
    left join pg_catalog.pg_attrdef as expression
        on expression.adrelid = attribute.attrelid and expression.adnum = attribute.attnum
    cross join lateral format('%I.%I', namespace.nspname, relation.relname) as view_
    cross join lateral (
        select
            json_object_agg(option_name, option_value order by position) as options,
            string_agg(option_name || '=' || case when option_value ~ '^[\w.]+$'
                           then option_value else quote_literal(option_value) end,
                       ', ' order by position) as set_,
            string_agg(option_name, ', ' order by position) as reset_
        from pg_catalog.pg_options_to_table(attribute.attoptions)
            with ordinality as every(option_name, option_value, position)
        where current_setting('qlmodels.options')::jsonb -> 'view column' ? option_name
    ) as option
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
    json_strip_nulls(json_build_object(
        'default', default_, 'storage', case when stored then storage end,
        'compression', compression, 'statistics', statistics, 'options', options
    ))::text as properties,
    json_build_object(
        'create', json_build_array(
            head || ' set default ' || default_,
            case when stored then head || ' set storage ' || storage end,
            head || ' set compression ' || compression,
            head || ' set statistics ' || statistics,
            head || ' set (' || options_set || ')'),
        'drop', json_build_array(
            case when default_ is not null then head || ' drop default' end,
            case when stored then head || ' set storage ' || usual_storage end,
            case when compression is not null then head || ' set compression default' end,
            case when statistics is not null then head || ' set statistics -1' end,
            head || ' reset (' || options_reset || ')'),
        'alter', json_build_object(
            'default', head || coalesce(' set default ' || default_, ' drop default'),
            'storage', head || ' set storage ' || storage,
            'compression', head || ' set compression ' || coalesce(compression, 'default'),
            'statistics', head || ' set statistics ' || coalesce(statistics, -1),
            'options', json_build_object('options', head))
    )::text as sql
from settings
where stored or num_nonnulls(default_, compression, statistics, options_set) > 0
