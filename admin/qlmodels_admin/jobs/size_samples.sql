-- Keep what tables take now, unless some process of the panel did within the hour.
insert into qlmodels_admin.size_samples (table_name, sampled_at, heap, indexes, rows)
select wanted.name, now(), pg_catalog.pg_table_size(class.oid), pg_catalog.pg_indexes_size(class.oid),
       nullif(class.reltuples, -1)::bigint
  from pg_catalog.unnest(cast(:tables as text[])) as wanted (name)
  join pg_catalog.pg_class as class on class.oid = pg_catalog.to_regclass(wanted.name)
 where pg_catalog.pg_try_advisory_xact_lock(:lock)
   and not exists (
       select from qlmodels_admin.size_samples as recent
        where recent.table_name = wanted.name
          and recent.sampled_at > now() - interval '55 minutes'
       )
