with owned (class_, object, owner) as (
    select 'pg_catalog.pg_class'::regclass::oid, oid, relowner
    from pg_catalog.pg_class where relkind in ('r', 'v', 'm', 'S')
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
    case when role.rolname = current_user then 'current_user'
         else quote_ident(role.rolname) end as owner
from owned
join pg_catalog.pg_roles as role on role.oid = owned.owner
where owned.object >= 16384
   or owned.class_ in ('pg_catalog.pg_namespace'::regclass, 'pg_catalog.pg_database'::regclass)
