-- What took longest here in all. The text of another login's statement is hidden without pg_read_all_stats.
select login.rolname as login, told.calls, told.total_exec_time / 1000 as seconds,
       told.mean_exec_time as mean, told.rows,
       case when told.queryid is not null
            then left(pg_catalog.regexp_replace(told.query, '\s+', ' ', 'g'), 400) end as query
  from pg_stat_statements as told
  join pg_catalog.pg_roles as login on login.oid = told.userid
 where told.dbid = (select oid from pg_catalog.pg_database where datname = pg_catalog.current_database())
 order by told.total_exec_time desc
 limit :most
