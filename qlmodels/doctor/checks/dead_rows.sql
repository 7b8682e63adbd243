-- $1: dead rows below which it does not matter; $2: share of dead rows that is too much.
select format('%s of %I is dead rows', to_char(100.0 * n_dead_tup / (n_live_tup + n_dead_tup), 'FM990"%"'), relname) as what,
       format('%s dead, %s live, last vacuum %s', n_dead_tup, n_live_tup,
              coalesce(greatest(last_vacuum, last_autovacuum)::text, 'never')) as evidence,
       format('vacuum (analyze) public.%I;', relname) as fix
  from pg_catalog.pg_stat_user_tables
 where schemaname = 'public'
   and relname in ('agent_types', 'sessions', 'q_values', 'trajectories', 'rewards', 'patterns', 'agent_states')
   and n_dead_tup > $1
   and n_dead_tup > (n_live_tup + n_dead_tup) * $2::float8
 order by relname
