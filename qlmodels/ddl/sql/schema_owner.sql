-- Which login owns our schema, as any login may read in the catalogs.
select pg_catalog.pg_get_userbyid(relation.relowner)
  from pg_catalog.pg_class as relation
  join pg_catalog.pg_namespace as namespace on namespace.oid = relation.relnamespace
 where namespace.nspname = 'qlmodels_private'
   and relation.relname = 'alembic_version'
