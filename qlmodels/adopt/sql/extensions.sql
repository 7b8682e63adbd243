-- Where the extensions lie that the original made.
select extname as name, extnamespace::pg_catalog.regnamespace::text as schema
  from pg_catalog.pg_extension
 where extname in ('uuid-ossp', 'pg_trgm', 'btree_gin')
 order by extname
