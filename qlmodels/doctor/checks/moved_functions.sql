-- Of an adopted database whose search_path does not lead to them.
with adopted as (
    select exists (select from qlmodels_private.adoptions) as is_so
), path as (
    select coalesce(
        (
            select string_agg(split_part(setting, '=', 2), ',')
              from pg_catalog.pg_db_role_setting
              join pg_catalog.pg_database on pg_database.oid = setdatabase
             cross join unnest(setconfig) as setting
             where datname = current_database() and setrole = 0 and setting like 'search\_path=%'
        ),
        ''
    ) as schemas
)
select 'similarity() and % lie in another schema' as what,
       format('extension pg_trgm was adopted into schema %I', namespace.nspname) as evidence,
       format(
           'write %1$I.similarity() and operator(%1$I.%%), or: alter database %2$I set search_path = '
           '"$user", public, %1$I; and for each login of an agent that calls them: '
           'grant usage on schema %1$I to LOGIN;', namespace.nspname, current_database()
       ) as fix
  from adopted
  join pg_catalog.pg_extension as extension on extension.extname = 'pg_trgm'
  join pg_catalog.pg_namespace as namespace on namespace.oid = extension.extnamespace
 cross join path
 where adopted.is_so
   and namespace.nspname <> 'public'
   and not namespace.nspname = any (regexp_split_to_array(replace(path.schemas, '"', ''), '\s*,\s*'))
union all
select 'uuid_generate_v4() is not found',
       case when namespace.nspname is null
            then 'the adoption dropped extension uuid-ossp, which nothing used any more'
            else format('extension uuid-ossp lies in schema %I', namespace.nspname)
       end,
       'write gen_random_uuid(), or: create extension if not exists "uuid-ossp" schema public;'
  from adopted
  left join pg_catalog.pg_extension as extension on extension.extname = 'uuid-ossp'
  left join pg_catalog.pg_namespace as namespace on namespace.oid = extension.extnamespace
 cross join path
 where adopted.is_so
   and exists (select from pg_catalog.pg_available_extensions where name = 'uuid-ossp')
   and namespace.nspname is distinct from 'public'
   and not coalesce(namespace.nspname = any (regexp_split_to_array(replace(path.schemas, '"', ''), '\s*,\s*')), false)
   and to_regprocedure('public.uuid_generate_v4()') is null
 order by what
