-- names that an extension brings, by which SQL uses it
select quote_ident(extension.extname) as extension, array_agg(distinct member.name) as members
from pg_catalog.pg_extension as extension
join pg_catalog.pg_depend as depend
    on depend.refclassid = 'pg_catalog.pg_extension'::regclass
   and depend.refobjid = extension.oid and depend.deptype = 'e'
join (
    select 'pg_catalog.pg_proc'::regclass::oid as class_, oid, proname::text as name
    from pg_catalog.pg_proc
    union all
    select 'pg_catalog.pg_type'::regclass, oid, typname::text
    from pg_catalog.pg_type where typelem = 0 or typtype = 'd'
    union all
    select 'pg_catalog.pg_opclass'::regclass, oid, opcname::text from pg_catalog.pg_opclass
    union all
    select 'pg_catalog.pg_am'::regclass, oid, amname::text from pg_catalog.pg_am
) as member on member.class_ = depend.classid and member.oid = depend.objid
where extension.oid >= 16384
group by extension.extname
