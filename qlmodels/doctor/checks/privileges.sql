select format('%s may %s on %I', coalesce(nullif(acl.grantee, 0)::regrole::text, 'everybody (PUBLIC)'),
              string_agg(lower(acl.privilege_type), ', ' order by acl.privilege_type), class.relname) as what,
       format('privileges of %I: %s', class.relname, class.relacl::text) as evidence,
       format('revoke all on public.%I from %s;', class.relname,
              coalesce(quote_ident(nullif(acl.grantee, 0)::regrole::text), 'public')) as fix
  from pg_catalog.pg_class as class
 cross join lateral pg_catalog.aclexplode(class.relacl) as acl
 where class.relnamespace = 'public'::regnamespace
   and class.relname in ('agent_types', 'sessions', 'q_values', 'trajectories', 'rewards', 'patterns', 'agent_states', 'agent_performance_summary', 'pattern_effectiveness')
   and (acl.grantee = 0 or acl.grantee = 'anon'::regrole)
 group by acl.grantee, class.relname, class.relacl::text
 order by what
