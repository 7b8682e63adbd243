select format('row-level security of %I is %s', class.relname,
              case when class.relrowsecurity then 'not forced on its owner' else 'off' end) as what,
       format('relrowsecurity %s, relforcerowsecurity %s', class.relrowsecurity, class.relforcerowsecurity) as evidence,
       format('alter table public.%1$I enable row level security, force row level security;', class.relname) as fix
  from pg_catalog.pg_class as class
 where class.relnamespace = 'public'::regnamespace
   and (class.relname in ('agent_types', 'sessions', 'q_values', 'trajectories', 'rewards', 'patterns', 'agent_states')
        or class.relispartition and class.relkind = 'r')
   and not (class.relrowsecurity and class.relforcerowsecurity)
 order by class.relname
