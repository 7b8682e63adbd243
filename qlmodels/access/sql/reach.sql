-- For each role ($1), table ($2) and command ($3): whether it is granted, on one column at least;
-- whether row-level security does not apply; and the conditions of the permissive policies.
with columns (role, id) as (
    select named.role, coalesce(known.oid, 0)
      from unnest($1::text[]) as named (role)
      left join pg_catalog.pg_roles as known on known.rolname = named.role
     where known.oid is not null or named.role = 'PUBLIC'
), asked as (
    select columns.role, columns.id, class.oid as class, class.relname::text as relation, command.name as command,
           class.relrowsecurity, class.relforcerowsecurity, class.relowner
      from columns
     cross join unnest($2::text[]) as wanted (name)
      join pg_catalog.pg_class as class on class.relname = wanted.name
      join pg_catalog.pg_namespace as namespace on namespace.oid = class.relnamespace and namespace.nspname = 'public'
     cross join unnest($3::text[]) as command (name)
)
select asked.role, asked.relation, asked.command,
       case when asked.role = 'PUBLIC' then pg_catalog.has_table_privilege('public', asked.class, asked.command)
            else pg_catalog.has_table_privilege(asked.id, asked.class, asked.command)
       end
       or asked.command in ('SELECT', 'INSERT', 'UPDATE')
       and case when asked.role = 'PUBLIC' then pg_catalog.has_any_column_privilege('public', asked.class, asked.command)
                else pg_catalog.has_any_column_privilege(asked.id, asked.class, asked.command)
           end as is_granted,
       asked.command = 'TRUNCATE'
       or not asked.relrowsecurity
       or coalesce(role.rolsuper or role.rolbypassrls, false)
       or not asked.relforcerowsecurity and pg_catalog.pg_has_role(asked.id, asked.relowner, 'usage') as is_exempt,
       coalesce(allowed.conditions, '{}') as conditions
  from asked
  left join pg_catalog.pg_roles as role on role.oid = asked.id
  left join lateral (
       select array_agg(
                  pg_catalog.pg_get_expr(
                      case when asked.command = 'INSERT' then coalesce(policy.polwithcheck, policy.polqual)
                           else policy.polqual
                      end,
                      policy.polrelid
                  )
                  order by policy.polname
              ) as conditions
         from pg_catalog.pg_policy as policy
        where policy.polrelid = asked.class
          and policy.polpermissive
          and policy.polcmd in ('*', case asked.command when 'SELECT' then 'r' when 'INSERT' then 'a'
                                                        when 'UPDATE' then 'w' when 'DELETE' then 'd' end)
          and exists (
              select from unnest(policy.polroles) as target (id)
               where target.id = 0
                  or asked.id <> 0 and pg_catalog.pg_has_role(asked.id, target.id, 'usage')
          )
  ) as allowed on true
