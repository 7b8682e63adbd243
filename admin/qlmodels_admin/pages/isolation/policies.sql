-- The policies of a table in public, and whether each applies to a role.
select policy.polname::text as name,
       case policy.polcmd
           when '*' then 'ALL' when 'r' then 'SELECT' when 'a' then 'INSERT'
           when 'w' then 'UPDATE' else 'DELETE' end as command,
       policy.polpermissive as is_permissive,
       pg_catalog.pg_get_expr(policy.polqual, policy.polrelid) as using_,
       pg_catalog.pg_get_expr(policy.polwithcheck, policy.polrelid) as check_,
       array(
           select coalesce(named.rolname::text, 'PUBLIC')
             from unnest(policy.polroles) as target (id)
             left join pg_catalog.pg_roles as named on named.oid = target.id
            order by 1
       ) as roles,
       exists (
           select
             from unnest(policy.polroles) as target (id)
            where target.id = 0 or pg_catalog.pg_has_role(asked.oid, target.id, 'usage')
       ) as applies
  from pg_catalog.pg_policy as policy
  join pg_catalog.pg_class as class on class.oid = policy.polrelid
  join pg_catalog.pg_roles as asked on asked.rolname = :role
 where class.relnamespace = 'public'::regnamespace and class.relname = :table_name
 order by policy.polname
