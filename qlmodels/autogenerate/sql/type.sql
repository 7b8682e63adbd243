select
    'pg_catalog.pg_type'::regclass::oid as class_,
    type.oid as object,
    0 as part,
    'type' as kind,
    format('%I.%I', namespace.nspname, type.typname) as name,
    'schema' as of_kind,
    quote_ident(namespace.nspname) as of_name,
    json_strip_nulls(json_build_object(
        'labels', (
            select json_agg(label.enumlabel order by label.enumsortorder)
            from pg_catalog.pg_enum as label where label.enumtypid = type.oid),
        'base', case when type.typtype = 'd'
                     then pg_catalog.format_type(type.typbasetype, type.typtypmod) end,
        'collation', case when type.typtype = 'd' and type.typcollation <> base.typcollation
                          then type.typcollation::regcollation::text end,
        'not null', nullif(type.typtype = 'd' and type.typnotnull, false),
        'default', case when type.typtype = 'd' then type.typdefault end,
        'checks', (
            select json_object_agg(quote_ident(constraint_.conname),
                                   pg_catalog.pg_get_constraintdef(constraint_.oid)
                                   order by constraint_.conname)
            from pg_catalog.pg_constraint as constraint_
            where constraint_.contypid = type.oid and constraint_.contype = 'c'),
        'attributes', (
            select json_agg(quote_ident(attribute.attname) || ' '
                            || pg_catalog.format_type(attribute.atttypid, attribute.atttypmod)
                            order by attribute.attnum)
            from pg_catalog.pg_attribute as attribute
            where attribute.attrelid = type.typrelid and type.typtype = 'c'
              and attribute.attnum > 0 and not attribute.attisdropped)
    ))::text as properties
from pg_catalog.pg_type as type
join pg_catalog.pg_namespace as namespace on namespace.oid = type.typnamespace
left join pg_catalog.pg_type as base on base.oid = type.typbasetype
left join pg_catalog.pg_class as composite on composite.oid = type.typrelid
where (type.typtype in ('e', 'd') or composite.relkind = 'c')
  and namespace.nspname !~ '^pg_' and namespace.nspname <> 'information_schema'
