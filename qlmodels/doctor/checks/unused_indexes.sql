-- $1: days that statistics must cover; $2: bytes below which an index does not matter.
select format('index %I is never used', stats.indexrelname) as what,
       format('%s, no scan since %s', pg_size_pretty(pg_relation_size(stats.indexrelid)),
              coalesce(database.stats_reset::date::text, 'the beginning')) as evidence,
       format('drop index concurrently %s;', stats.indexrelid::regclass) as fix
  from pg_catalog.pg_stat_user_indexes as stats
  join pg_catalog.pg_index as index on index.indexrelid = stats.indexrelid
  join pg_catalog.pg_stat_database as database on database.datname = current_database()
 where stats.schemaname = 'public'
   and stats.relname in ('agent_types', 'sessions', 'q_values', 'trajectories', 'rewards', 'patterns', 'agent_states')
   and stats.idx_scan = 0
   and not index.indisunique
   and stats.indexrelname not like 'ix\_%'
   and coalesce(database.stats_reset, '-infinity') < now() - make_interval(days => $1)
   and pg_relation_size(stats.indexrelid) > $2
 order by what
