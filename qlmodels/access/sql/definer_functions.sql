-- Functions that run as their owner, with those of $1 who may call them; not an extension's.
select function.proname::text as name,
       namespace.nspname::text as schema,
       pg_catalog.format(
           '%I.%I(%s)', namespace.nspname, function.proname,
           pg_catalog.pg_get_function_identity_arguments(function.oid)
       ) as signature,
       owner.rolname::text as owner,
       array(
           select named.role
             from unnest($1::text[]) as named (role)
             left join pg_catalog.pg_roles as known on known.rolname = named.role
            where case when named.role = 'PUBLIC'
                       then pg_catalog.has_function_privilege('public', function.oid, 'execute')
                       else pg_catalog.has_function_privilege(known.oid, function.oid, 'execute')
                  end
       ) as callers
  from pg_catalog.pg_proc as function
  join pg_catalog.pg_namespace as namespace on namespace.oid = function.pronamespace
  join pg_catalog.pg_roles as owner on owner.oid = function.proowner
 where function.prosecdef
   and not exists (
       select from pg_catalog.pg_depend as dependency
        where dependency.classid = 'pg_catalog.pg_proc'::regclass
          and dependency.objid = function.oid
          and dependency.deptype = 'e'
   )
 order by signature
