-- Size, connections, transactions and conflicts of the database at hand.
select pg_catalog.pg_database_size(stats.datid) as bytes,
       -- what kind of process another login's is, only pg_read_all_stats is told
       (select count(*)
          from pg_catalog.pg_stat_activity
         where coalesce(backend_type, 'client backend') = 'client backend' and datid is not null and usesysid is not null
       ) as connections,
       pg_catalog.current_setting('max_connections')::int
           - pg_catalog.current_setting('superuser_reserved_connections')::int as connections_max,
       stats.xact_commit as commits,
       stats.xact_rollback as rollbacks,
       stats.deadlocks,
       stats.blks_hit as blocks_cached,
       stats.blks_read as blocks_read
  from pg_catalog.pg_stat_database as stats
 where stats.datname = pg_catalog.current_database()
