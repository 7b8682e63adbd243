-- what killed processes left: made by this login, in a session that is no more
select database.datname as name
from pg_catalog.pg_database as database
join pg_catalog.pg_roles as owner on owner.oid = database.datdba
where owner.rolname = current_user
  and database.datname ~ '^qlmodels_scratch_[0-9]+_[0-9a-f]+$'
  and not exists (
      select from pg_catalog.pg_stat_activity as session
      where session.datname = database.datname
         or database.datname = 'qlmodels_scratch_' || session.pid || '_'
            || to_hex((extract(epoch from session.backend_start) * 1000000)::bigint))
