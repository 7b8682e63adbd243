-- Revision, size, connections and cache of the database at hand.
select qlmodels.schema_revision() as revision,
       pg_catalog.pg_database_size(stats.datid) as size,
       pg_catalog.current_setting('server_version') as version,
       session_user as login,
       pg_catalog.pg_has_role(current_user, 'pg_read_all_stats', 'usage') as sees_all,
       -- what kind of process another login's is, only pg_read_all_stats is told
       (select count(*)
          from pg_catalog.pg_stat_activity
         where coalesce(backend_type, 'client backend') = 'client backend' and datid is not null and usesysid is not null
       ) as connections,
       pg_catalog.current_setting('max_connections')::int
           - pg_catalog.current_setting('superuser_reserved_connections')::int as most_connections,
       stats.blks_hit::float8 / nullif(stats.blks_hit + stats.blks_read, 0) as cache_hits,
       stats.stats_reset as counted_since
  from pg_catalog.pg_stat_database as stats
 where stats.datname = pg_catalog.current_database()
