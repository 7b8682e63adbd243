with sequences as (
    select
        depend.refobjid,
        depend.refobjsubid,
        format('%I.%I', namespace.nspname, relation.relname) as name,
        relation.relpersistence,
        sequence.*
    from pg_catalog.pg_depend as depend
    join pg_catalog.pg_class as relation on relation.oid = depend.objid
    join pg_catalog.pg_namespace as namespace on namespace.oid = relation.relnamespace
    join pg_catalog.pg_sequence as sequence on sequence.seqrelid = depend.objid
    where depend.classid = 'pg_catalog.pg_class'::regclass
      and depend.refclassid = 'pg_catalog.pg_class'::regclass
      and depend.deptype = 'i'
)
select
    'pg_catalog.pg_class'::regclass::oid as class_,
    relation.oid as object,
    attribute.attnum::int as part,
    'column' as kind,
    format('%I.%I.%I', namespace.nspname, relation.relname, attribute.attname) as name,
    'table' as of_kind,
    format('%I.%I', namespace.nspname, relation.relname) as of_name,
    json_strip_nulls(json_build_object(
        'type', pg_catalog.format_type(attribute.atttypid, attribute.atttypmod),
        'collation', case when attribute.attcollation <> type.typcollation
                          then format('%I.%I', spoken.nspname, collation_.collname) end,
        'not null', nullif(attribute.attnotnull or not_null.oid is not null, false),
        'not null name', nullif(not_null.conname,
                                relation.relname || '_' || attribute.attname || '_not_null'),
        'not null state', nullif(concat_ws(' ',
            case when not_null.connoinherit then 'no inherit' end,
            case when not not_null.convalidated then 'not valid' end), ''),
        'generated', case when attribute.attgenerated <> ''
                          then pg_catalog.pg_get_expr(expression.adbin, expression.adrelid) end,
        'generated how', case attribute.attgenerated
                              when 's' then 'stored' when 'v' then 'virtual' end,
        'identity', case attribute.attidentity when 'a' then 'always' when 'd' then 'by default' end,
        'sequence', case when attribute.attidentity <> '' then json_build_object(
            'start', sequences.seqstart, 'increment', sequences.seqincrement,
            'minvalue', sequences.seqmin, 'maxvalue', sequences.seqmax,
            'cache', sequences.seqcache, 'cycle', sequences.seqcycle) end,
        'sequence kept', case when sequences.relpersistence <> relation.relpersistence
                              then case sequences.relpersistence
                                       when 'u' then 'unlogged' else 'logged' end end,
        'sequence name', case when attribute.attidentity <> '' then sequences.name end,
        'storage', case when attribute.attstorage <> type.typstorage
                        then case attribute.attstorage
                                 when 'p' then 'plain' when 'e' then 'external'
                                 when 'x' then 'extended' when 'm' then 'main' end end,
        'usual storage', case type.typstorage
                             when 'p' then 'plain' when 'e' then 'external'
                             when 'x' then 'extended' when 'm' then 'main' end,
        'compression', case attribute.attcompression when 'p' then 'pglz' when 'l' then 'lz4' end,
        'statistics', nullif(coalesce(attribute.attstattarget, -1), -1),
        'options', (select json_object_agg(option_name, option_value order by position)
                    from pg_catalog.pg_options_to_table(attribute.attoptions)
                        with ordinality as option(option_name, option_value, position)
                    -- all that can be set; a server may keep options of its own beside them
                    where option_name in ('n_distinct', 'n_distinct_inherited'))
    ))::text as properties
from pg_catalog.pg_attribute as attribute
join pg_catalog.pg_class as relation on relation.oid = attribute.attrelid
join pg_catalog.pg_namespace as namespace on namespace.oid = relation.relnamespace
join pg_catalog.pg_type as type on type.oid = attribute.atttypid
left join pg_catalog.pg_collation as collation_ on collation_.oid = attribute.attcollation
left join pg_catalog.pg_namespace as spoken on spoken.oid = collation_.collnamespace
left join pg_catalog.pg_attrdef as expression
    on expression.adrelid = attribute.attrelid and expression.adnum = attribute.attnum
left join pg_catalog.pg_constraint as not_null
    on not_null.conrelid = attribute.attrelid
   and not_null.contype = 'n'
   and not_null.conkey = array[attribute.attnum]
left join sequences
    on sequences.refobjid = attribute.attrelid and sequences.refobjsubid = attribute.attnum
where relation.relkind = 'r'
  and attribute.attnum > 0
  and not attribute.attisdropped
  and namespace.nspname !~ '^pg_' and namespace.nspname <> 'information_schema'
order by relation.oid, attribute.attnum
