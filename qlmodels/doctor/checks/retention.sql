-- $1: hours that a purge may be behind.
with due as (
    select 'q_values' as relation, expires_at from qlmodels.expiring_q_values
    union all
    select 'trajectories', expires_at from qlmodels.expiring_trajectories
    union all
    select 'patterns', expires_at from qlmodels.expiring_patterns
    union all
    select 'rewards', expires_at from qlmodels.expiring_rewards
    union all
    select 'sessions', expires_at from qlmodels.expiring_sessions
), expired as (
    select relation, count(*) as many, greatest(min(expires_at), 'epoch') as oldest
      from due
     where expires_at < now() - make_interval(hours => $1)
     group by relation
)
select format('%s rows of %I expired and are still there: nothing purges', many, relation) as what,
       format('the oldest expired %s, %s hours ago; %s', to_char(oldest at time zone 'UTC', 'YYYY-MM-DD HH24:MI "UTC"'),
              extract(epoch from now() - oldest)::bigint / 3600,
              case when exists (select from pg_catalog.pg_extension where extname = 'pg_cron')
                   then 'pg_cron is installed: qlmodels upgrade schedules the purge'
                   else 'there is no pg_cron, and no panel is at it'
              end) as evidence,
       'select * from cleanup_expired_data();' as fix
  from expired
 order by relation
