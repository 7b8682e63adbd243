-- What is not carried over as it is, in words.
with original as (
    select class.oid, class.relname, class.relacl, class.relowner
      from pg_catalog.pg_class as class
     where class.relnamespace = 'public'::pg_catalog.regnamespace
       and class.relkind = 'r'
       and class.relname = any ($1)
)
select format('policy %I on %I goes: the policies of qlmodels take its place', policy.polname, original.relname) as note
  from original
  join pg_catalog.pg_policy as policy on policy.polrelid = original.oid
union all
select format(
           'role %s loses %s on %I: see `qlmodels access` for who may do what now',
           coalesce(nullif(acl.grantee, 0)::pg_catalog.regrole::text, 'public'),
           string_agg(lower(acl.privilege_type), ', ' order by acl.privilege_type),
           original.relname
       )
  from original
 cross join lateral pg_catalog.aclexplode(original.relacl) as acl
 where acl.grantee <> original.relowner
 group by acl.grantee, original.relname
union all
select format('index %I on %I goes: it is none of the original''s', class.relname, original.relname)
  from original
  join pg_catalog.pg_index as index on index.indrelid = original.oid
  join pg_catalog.pg_class as class on class.oid = index.indexrelid
 where class.relname not like 'idx\_%'
   and not exists (select from pg_catalog.pg_constraint as key where key.conindid = index.indexrelid)
 order by note
