-- $1: share of the connections that may be taken.
with budget as (
    select current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int as most,
           -- what kind of process another login's is, only pg_read_all_stats is told
           (select count(*) from pg_catalog.pg_stat_activity
             where coalesce(backend_type, 'client backend') = 'client backend' and datid is not null and usesysid is not null) as taken
)
select format('%s of %s connections are taken', taken, most) as what,
       'pg_stat_activity' as evidence,
       'connect through a transaction pooler (port 6543), or make max_size of the agents'' pools smaller' as fix
  from budget
 where taken > most * $1::float8
union all
select format('logins %s may take more connections than there are', string_agg(role.rolname, ', ' order by role.rolname)),
       format('their limit is none, or above %s', budget.most),
       string_agg(format('qlmodels login limit %s 10', role.rolname), '; ' order by role.rolname)
  from budget
  join pg_catalog.pg_roles as role on role.rolcanlogin and role.rolname similar to '(ql|qlfleet|qlpanel)\_%'
 where role.rolconnlimit < 0 or role.rolconnlimit > budget.most
 group by budget.most
