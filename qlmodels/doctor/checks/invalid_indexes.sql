select format('index %I is invalid', class.relname) as what,
       format('indisvalid is false, on table %I', heap.relname) as evidence,
       format('reindex index concurrently %s;', class.oid::regclass) as fix
  from pg_catalog.pg_index as index
  join pg_catalog.pg_class as class on class.oid = index.indexrelid
  join pg_catalog.pg_class as heap on heap.oid = index.indrelid
 where heap.relnamespace = 'public'::regnamespace
   and heap.relname in ('agent_types', 'sessions', 'q_values', 'trajectories', 'rewards', 'patterns', 'agent_states')
   and not index.indisvalid
 order by what
