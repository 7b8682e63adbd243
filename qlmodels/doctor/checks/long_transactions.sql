-- $1: minutes.
select format('a transaction of %I has been open for %s', usename, to_char(now() - xact_start, 'HH24:MI:SS')) as what,
       format('backend %s, %s', pid, state) as evidence,
       format('select pg_terminate_backend(%s);', pid) as fix
  from pg_catalog.pg_stat_activity
 where backend_type = 'client backend'
   and datname = current_database()
   and pid <> pg_backend_pid()
   and xact_start < now() - make_interval(mins => $1)
 order by xact_start
