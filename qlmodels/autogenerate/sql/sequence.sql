with owners as (
    select
        depend.objid,
        format('%I.%I.%I', namespace.nspname, relation.relname, attribute.attname) as name
    from pg_catalog.pg_depend as depend
    join pg_catalog.pg_attribute as attribute
        on attribute.attrelid = depend.refobjid and attribute.attnum = depend.refobjsubid
    join pg_catalog.pg_class as relation on relation.oid = attribute.attrelid
    join pg_catalog.pg_namespace as namespace on namespace.oid = relation.relnamespace
    where depend.classid = 'pg_catalog.pg_class'::regclass
      and depend.refclassid = 'pg_catalog.pg_class'::regclass
      and depend.deptype = 'a'
)
select
    'pg_catalog.pg_class'::regclass::oid as class_,
    relation.oid as object,
    0 as part,
    'sequence' as kind,
    format('%I.%I', namespace.nspname, relation.relname) as name,
    case when owners.name is null then 'schema' else 'column' end as of_kind,
    coalesce(owners.name, quote_ident(namespace.nspname)) as of_name,
    json_strip_nulls(json_build_object(
        'type', pg_catalog.format_type(sequence.seqtypid, null),
        'start', sequence.seqstart,
        'increment', sequence.seqincrement,
        'minvalue', sequence.seqmin,
        'maxvalue', sequence.seqmax,
        'cache', sequence.seqcache,
        'cycle', sequence.seqcycle,
        'unlogged', nullif(relation.relpersistence = 'u', false),
        'owned by', owners.name
    ))::text as properties
from pg_catalog.pg_sequence as sequence
join pg_catalog.pg_class as relation on relation.oid = sequence.seqrelid
join pg_catalog.pg_namespace as namespace on namespace.oid = relation.relnamespace
left join owners on owners.objid = relation.oid
where not exists (
    select from pg_catalog.pg_depend as depend
    where depend.classid = 'pg_catalog.pg_class'::regclass
      and depend.objid = relation.oid
      and depend.refclassid = 'pg_catalog.pg_class'::regclass
      and depend.deptype = 'i')
  and namespace.nspname !~ '^pg_' and namespace.nspname <> 'information_schema'
