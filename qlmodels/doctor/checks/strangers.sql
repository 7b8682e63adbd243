select format('login %I speaks for an agent type that is not there', rolname) as what,
       format('no row of agent_types is named %s', substr(rolname, 4)) as evidence,
       format('qlmodels login drop %s', rolname) as fix
  from pg_catalog.pg_roles as role
 where role.rolcanlogin
   and role.rolname like 'ql\_%'
   and has_database_privilege(role.oid, current_database(), 'connect')
   and not exists (select from public.agent_types where agent_type = substr(role.rolname, 4))
 order by what
