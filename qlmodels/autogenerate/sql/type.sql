select
    'pg_catalog.pg_type'::regclass::oid as class_,
    type.oid as object,
    0 as part,
    'type' as kind,
    said.name,
    'schema' as of_kind,
    quote_ident(namespace.nspname) as of_name,
    json_strip_nulls(json_build_object(
        'labels', (
            select json_agg(label.enumlabel order by label.enumsortorder)
            from pg_catalog.pg_enum as label where label.enumtypid = type.oid),
        'base', said.base,
        'collation', said.collation,
        'not null', nullif(type.typtype = 'd' and type.typnotnull, false),
        'default', said.default_,
        'checks', (
            select json_object_agg(quote_ident(constraint_.conname),
                                   pg_catalog.pg_get_constraintdef(constraint_.oid)
                                   order by constraint_.conname)
            from pg_catalog.pg_constraint as constraint_
            where constraint_.contypid = type.oid and constraint_.contype = 'c'),
        'attributes', said.attributes,
        'range', said.range
    ))::text as properties,
    json_build_object(
        'noun', case type.typtype when 'd' then 'domain' else 'type' end,
        'attribute names', (
            select json_agg(quote_ident(attribute.attname) order by attribute.attnum)
            from pg_catalog.pg_attribute as attribute
            where attribute.attrelid = type.typrelid and type.typtype = 'c'
              and attribute.attnum > 0 and not attribute.attisdropped),
        'create', case type.typtype
            when 'd' then concat_ws(' ', 'create domain', said.name, 'as', said.base,
                'collate ' || said.collation, 'default ' || said.default_,
                case when type.typnotnull then 'not null' end)
            when 'c' then format('create type %s as (%s)', said.name,
                                 array_to_string(said.attributes, ', '))
            when 'r' then format('create type %s as range (%s)', said.name,
                                 array_to_string(said.range, ', '))
            else format('create type %s as enum (%s)', said.name, (
                select string_agg(quote_literal(label.enumlabel), ', ' order by label.enumsortorder)
                from pg_catalog.pg_enum as label where label.enumtypid = type.oid)) end,
        'drop', format('drop %s %s', case type.typtype when 'd' then 'domain' else 'type' end,
                       said.name),
        'alter', json_build_object(
            'default', format('alter domain %s %s', said.name,
                              coalesce('set default ' || said.default_, 'drop default')),
            'not null', format('alter domain %s %s not null', said.name,
                               case when type.typnotnull then 'set' else 'drop' end))
    )::text as sql
from pg_catalog.pg_type as type
join pg_catalog.pg_namespace as namespace on namespace.oid = type.typnamespace
left join pg_catalog.pg_type as base on base.oid = type.typbasetype
left join pg_catalog.pg_class as composite on composite.oid = type.typrelid
cross join lateral (
    select
        format('%I.%I', namespace.nspname, type.typname) as name,
        case when type.typtype = 'd'
             then pg_catalog.format_type(type.typbasetype, type.typtypmod) end as base,
        case when type.typtype = 'd' and type.typcollation <> base.typcollation
             then type.typcollation::regcollation::text end as collation,
        case when type.typtype = 'd' then type.typdefault end as default_,
        (select array_agg(quote_ident(attribute.attname) || ' '
                          || pg_catalog.format_type(attribute.atttypid, attribute.atttypmod)
                          || case when attribute.attcollation <> of_.typcollation then
                                 ' collate ' || attribute.attcollation::regcollation else '' end
                          order by attribute.attnum)
         from pg_catalog.pg_attribute as attribute
         join pg_catalog.pg_type as of_ on of_.oid = attribute.atttypid
         where attribute.attrelid = type.typrelid and type.typtype = 'c'
           and attribute.attnum > 0 and not attribute.attisdropped) as attributes,
        (select array_remove(array[
             format('subtype = %s', pg_catalog.format_type(range.rngsubtype, null)),
             format('subtype_opclass = %I.%I', space.nspname, class.opcname),
             case when range.rngcollation <> 0
                  then format('collation = %s', range.rngcollation::regcollation) end,
             case when range.rngsubdiff <> 0
                  then format('subtype_diff = %s', range.rngsubdiff::regproc) end,
             format('multirange_type_name = %s', range.rngmultitypid::regtype)], null)
         from pg_catalog.pg_range as range
         join pg_catalog.pg_opclass as class on class.oid = range.rngsubopc
         join pg_catalog.pg_namespace as space on space.oid = class.opcnamespace
         -- a canonical function needs the type that needs it: no one statement makes them
         where range.rngtypid = type.oid and range.rngcanonical = 0) as range
) as said
where (type.typtype in ('e', 'd') or composite.relkind = 'c' or said.range is not null)
  and namespace.nspname !~ '^pg_' and namespace.nspname <> 'information_schema'
