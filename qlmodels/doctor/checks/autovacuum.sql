select 'autovacuum is off' as what, 'the server''s setting' as evidence,
       'alter system set autovacuum = on;' as fix
 where current_setting('autovacuum') = 'off'
union all
select format('autovacuum of %I is off', relname), array_to_string(reloptions, ', '),
       format('alter table public.%I reset (autovacuum_enabled);', relname)
  from pg_catalog.pg_class
 where relnamespace = 'public'::regnamespace
   and relname in ('agent_types', 'sessions', 'q_values', 'trajectories', 'rewards', 'patterns', 'agent_states')
   and exists (
       select from pg_options_to_table(reloptions)
        where option_name = 'autovacuum_enabled' and not option_value::boolean
   )
 order by what
