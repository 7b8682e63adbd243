with owned (class_, object, owner) as (
    select 'pg_catalog.pg_class'::regclass::oid, oid, relowner
    from pg_catalog.pg_class where relkind in ('r', 'p', 'v', 'm', 'S')
    union all
    select 'pg_catalog.pg_proc'::regclass, oid, proowner from pg_catalog.pg_proc
    union all
    select 'pg_catalog.pg_type'::regclass, oid, typowner from pg_catalog.pg_type
    union all
    select 'pg_catalog.pg_namespace'::regclass, oid, nspowner from pg_catalog.pg_namespace
    union all
    select 'pg_catalog.pg_extension'::regclass, oid, extowner from pg_catalog.pg_extension
    union all
    select 'pg_catalog.pg_publication'::regclass, oid, pubowner from pg_catalog.pg_publication
    union all
    select 'pg_catalog.pg_database'::regclass, oid, datdba
    from pg_catalog.pg_database where datname = current_database()
)
select
    owned.class_,
    owned.object,
    0 as part,
    'owner' as kind,
    null::oid as of_class,
    null::oid as of_object,
    null::int as of_part,
    null as about,
    json_build_object('owner', owner_)::text as properties,
    json_build_object('alter', json_build_object('owner', format(
        'alter %s %s owner to %s', named.type,
        case when owned.class_ = 'pg_catalog.pg_proc'::regclass
             then owned.object::regprocedure::text else named.identity end,
        owner_)))::text as sql
from owned
join pg_catalog.pg_roles as role on role.oid = owned.owner
cross join lateral pg_catalog.pg_identify_object(owned.class_, owned.object, 0) as named
cross join lateral (
    select case when role.rolname = current_user then 'current_user'
                else quote_ident(role.rolname) end as owner_
) as said
where (owned.object >= 16384
       or owned.class_ in ('pg_catalog.pg_namespace'::regclass, 'pg_catalog.pg_database'::regclass))
  -- a sequence of a column belongs to whom the table belongs
  and not exists (
      select from pg_catalog.pg_depend as depend
      where owned.class_ = 'pg_catalog.pg_class'::regclass
        and depend.classid = owned.class_
        and depend.objid = owned.object
        and depend.refclassid = owned.class_
        and depend.refobjsubid > 0
        and depend.deptype in ('a', 'i'))
