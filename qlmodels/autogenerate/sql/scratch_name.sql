-- the session that makes a scratch database is part of its name
select
    'qlmodels_scratch_' || pid || '_'
    || to_hex((extract(epoch from backend_start) * 1000000)::bigint) as name
from pg_catalog.pg_stat_activity
where pid = pg_catalog.pg_backend_pid()
