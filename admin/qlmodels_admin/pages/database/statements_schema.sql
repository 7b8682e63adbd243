-- Where pg_stat_statements lies becomes the search path of this transaction; nothing if it is not there.
select set_config('search_path', pg_catalog.format('pg_catalog, %I', namespace.nspname), true)
  from pg_catalog.pg_extension as extension
  join pg_catalog.pg_namespace as namespace on namespace.oid = extension.extnamespace
 where extension.extname = 'pg_stat_statements'
