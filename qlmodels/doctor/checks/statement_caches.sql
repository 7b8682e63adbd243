select format('%s prepared statements of other clients lie on a pooled connection', count(*)) as what,
       format('pg_prepared_statements of process %s names %s', pg_backend_pid(), min(name)) as evidence,
       case when min(name) like '\_\_asyncpg%'
            then 'asyncpg.create_pool(..., statement_cache_size=0), or qlmodels.create_pool'
            when min(name) like '\_pg3%'
            then 'psycopg.connect(..., prepare_threshold=None)'
            else 'turn prepared statements off in the client that names them so'
       end as fix
  from pg_catalog.pg_prepared_statements
 where name <> ''
   and name not like 'PGBOUNCER\_%'  -- which the pooler minds itself
having count(*) > 0
