-- What each table takes on disk, the largest first; catalogs and statistics alone, no row is read.
select told.name, told.whole_name, told.rows, told.dead, told.last_autovacuum,
       told.heap as heap,
       told.indexes as indexes,
       told.toast as toast,
       told.heap + told.indexes + told.toast as total
  from (
        select class.relname as name, wanted.name as whole_name,
               case when class.reltuples >= 0 then class.reltuples::bigint
                    -- never analysed: what was counted since, which a copy of a database forgets
                    when stats.n_live_tup > 0 or pg_catalog.pg_relation_size(class.oid) = 0 then stats.n_live_tup
               end as rows,
               stats.n_dead_tup as dead,
               stats.last_autovacuum,
               pg_catalog.pg_table_size(class.oid) - toast.size as heap,
               pg_catalog.pg_indexes_size(class.oid) as indexes,
               toast.size as toast
          from pg_catalog.unnest(cast(:tables as text[])) as wanted (name)
          join pg_catalog.pg_class as class on class.oid = pg_catalog.to_regclass(wanted.name)
          join pg_catalog.pg_stat_all_tables as stats on stats.relid = class.oid
         cross join lateral (
               select coalesce(pg_catalog.pg_total_relation_size(nullif(class.reltoastrelid, 0)), 0) as size
               ) as toast
       ) as told
 order by told.heap + told.indexes + told.toast desc, told.name
