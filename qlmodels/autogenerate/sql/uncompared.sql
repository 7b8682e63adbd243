-- what lies in or hangs on our schemas, and no other file here reads
with strangers (class_, object) as (
    select 'pg_catalog.pg_proc'::regclass::oid, oid from pg_catalog.pg_proc where prokind = 'a'
    union all
    select 'pg_catalog.pg_class'::regclass, relation.oid
    from pg_catalog.pg_class as relation
    where relation.relkind = 'f' or relation.relkind in ('r', 'p') and relation.reloftype <> 0
    union all
    select 'pg_catalog.pg_type'::regclass, type.oid
    from pg_catalog.pg_type as type
    where type.typtype = 'b' and type.typelem = 0
       or type.oid in (select rngtypid from pg_catalog.pg_range where rngcanonical <> 0)
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
    select 'pg_catalog.pg_opfamily'::regclass, oid from pg_catalog.pg_opfamily
    union all
    select 'pg_catalog.pg_ts_dict'::regclass, oid from pg_catalog.pg_ts_dict
    union all
    select 'pg_catalog.pg_ts_parser'::regclass, oid from pg_catalog.pg_ts_parser
    union all
    select 'pg_catalog.pg_ts_template'::regclass, oid from pg_catalog.pg_ts_template
    union all
    select 'pg_catalog.pg_cast'::regclass, oid from pg_catalog.pg_cast
    where not exists (
        select from pg_catalog.pg_range
        where rngtypid = castsource and rngmultitypid = casttarget)
    union all
    select 'pg_catalog.pg_event_trigger'::regclass, oid from pg_catalog.pg_event_trigger
)
select
    strangers.class_,
    strangers.object,
    0 as part,
    'uncompared' as kind,
    stranger.type || ' ' || stranger.identity as name,
    'schema' as of_kind,
    coalesce(stranger.schema, (
        -- what is in no schema itself: a rule, a cast, an event trigger
        select min(used.schema)
        from pg_catalog.pg_depend as depend
        cross join lateral pg_catalog.pg_identify_object(
            depend.refclassid, depend.refobjid, 0) as used
        where depend.classid = strangers.class_ and depend.objid = strangers.object)) as of_name,
    '{}' as properties,
    '{}' as sql
from strangers
cross join lateral pg_catalog.pg_identify_object(strangers.class_, strangers.object, 0) as stranger
where strangers.object >= 16384
