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
        'options', said.options,
        'unlogged', nullif(relation.relpersistence = 'u', false),
        'owned by', owners.name
    ))::text as properties,
    json_build_object(
        'create', concat_ws(' ', 'create', case relation.relpersistence when 'u' then 'unlogged' end,
            'sequence', said.name, array_to_string(said.options, ' '), 'owned by ' || owners.name),
        'drop', 'drop sequence ' || said.name,
        'alter', json_build_object(
            'unlogged', said.head || case relation.relpersistence when 'u' then ' set unlogged'
                                                                  else ' set logged' end,
            'options', json_build_object('changed', said.head),
            'owned by', said.head || ' owned by ' || coalesce(owners.name, 'none'))
    )::text as sql
from pg_catalog.pg_sequence as sequence
join pg_catalog.pg_class as relation on relation.oid = sequence.seqrelid
join pg_catalog.pg_namespace as namespace on namespace.oid = relation.relnamespace
left join owners on owners.objid = relation.oid
cross join lateral (
    select
        name,
        'alter sequence ' || name as head,
        array['as ' || pg_catalog.format_type(sequence.seqtypid, null),
              'start with ' || sequence.seqstart, 'increment by ' || sequence.seqincrement,
              'minvalue ' || sequence.seqmin, 'maxvalue ' || sequence.seqmax,
              'cache ' || sequence.seqcache,
              case when sequence.seqcycle then 'cycle' else 'no cycle' end] as options
    from format('%I.%I', namespace.nspname, relation.relname) as name
) as said
where not exists (
    select from pg_catalog.pg_depend as depend
    where depend.classid = 'pg_catalog.pg_class'::regclass
      and depend.objid = relation.oid
      and depend.refclassid = 'pg_catalog.pg_class'::regclass
      and depend.deptype = 'i')
  and namespace.nspname !~ '^pg_' and namespace.nspname <> 'information_schema'
