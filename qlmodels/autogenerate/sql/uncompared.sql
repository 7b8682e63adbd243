-- what lies in or hangs on our schemas, and no other file here reads
with strangers (class_, object) as (
    select 'pg_catalog.pg_proc'::regclass::oid, oid from pg_catalog.pg_proc where prokind = 'a'
    union all
    select 'pg_catalog.pg_class'::regclass, relation.oid
    from pg_catalog.pg_class as relation
    where relation.relkind in ('f', 'p')
       or relation.relkind = 'r' and (
           relation.relispartition or relation.reloftype <> 0 or exists (
               select from pg_catalog.pg_inherits as inherit
               where relation.oid in (inherit.inhrelid, inherit.inhparent)))
    union all
    select 'pg_catalog.pg_type'::regclass, type.oid
    from pg_catalog.pg_type as type
    where type.typtype in ('r', 'm') or type.typtype = 'b' and type.typelem = 0
    union all
    select 'pg_catalog.pg_rewrite'::regclass, oid from pg_catalog.pg_rewrite
    where rulename <> '_RETURN'
    union all
    select 'pg_catalog.pg_statistic_ext'::regclass, oid from pg_catalog.pg_statistic_ext
    union all
    select 'pg_catalog.pg_operator'::regclass, oid from pg_catalog.pg_operator
    union all
    select 'pg_catalog.pg_opclass'::regclass, oid from pg_catalog.pg_opclass
    union all
    select 'pg_catalog.pg_collation'::regclass, oid from pg_catalog.pg_collation
    union all
    select 'pg_catalog.pg_conversion'::regclass, oid from pg_catalog.pg_conversion
    union all
    select 'pg_catalog.pg_ts_config'::regclass, oid from pg_catalog.pg_ts_config
    union all
    select 'pg_catalog.pg_ts_dict'::regclass, oid from pg_catalog.pg_ts_dict
)
select
    strangers.class_,
    strangers.object,
    0 as part,
    'uncompared' as kind,
    stranger.type || ' ' || stranger.identity as name,
    'schema' as of_kind,
    coalesce(stranger.schema, (
        select quote_ident(namespace.nspname)
        from pg_catalog.pg_rewrite as rule
        join pg_catalog.pg_class as relation on relation.oid = rule.ev_class
        join pg_catalog.pg_namespace as namespace on namespace.oid = relation.relnamespace
        where rule.oid = strangers.object)) as of_name,
    '{}' as properties
from strangers
cross join lateral pg_catalog.pg_identify_object(strangers.class_, strangers.object, 0) as stranger
where strangers.object >= 16384
