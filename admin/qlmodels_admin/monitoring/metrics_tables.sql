-- Rows, dead rows and bytes of each table; catalogs and statistics alone, no row is read.
select class.relname as name,
       coalesce(nullif(stats.n_live_tup, 0), greatest(class.reltuples, 0)) as rows,
       stats.n_dead_tup as dead_rows,
       pg_catalog.pg_total_relation_size(class.oid) as bytes
  from pg_catalog.unnest(cast(:tables as text[])) as wanted (name)
  join pg_catalog.pg_class as class on class.oid = pg_catalog.to_regclass(wanted.name)
  join pg_catalog.pg_stat_all_tables as stats on stats.relid = class.oid
