-- Where pg_stat_statements lies becomes the search path of this transaction.
select set_config('search_path', format('pg_catalog, %I', namespace.nspname), true)
  from pg_catalog.pg_extension as extension
  join pg_catalog.pg_namespace as namespace on namespace.oid = extension.extnamespace
 where extension.extname = 'pg_stat_statements'
