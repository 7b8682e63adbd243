-- $1: the oldest server_version_num that will do.
select 'the server is too old' as what,
       format('Postgres %s', current_setting('server_version')) as evidence,
       'pg_upgrade to Postgres 15 or later' as fix
 where current_setting('server_version_num')::int < $1
