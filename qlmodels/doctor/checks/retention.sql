-- $1: hours that a purge may be behind.
with expired as (
    select 'q_values' as relation, count(*) as many, min(expires_at) as oldest
      from public.q_values where expires_at < now() - make_interval(hours => $1)
    union all
    select 'trajectories', count(*), min(expires_at)
      from public.trajectories where expires_at < now() - make_interval(hours => $1)
    union all
    select 'patterns', count(*), min(expires_at)
      from public.patterns where expires_at < now() - make_interval(hours => $1)
    union all
    select 'rewards', count(*), min(reward.observed_at + make_interval(days => kind.retention_days))
      from public.rewards as reward
      join public.agent_types as kind on kind.agent_type = reward.agent_type
     where reward.observed_at < now() - make_interval(days => kind.retention_days, hours => $1)
    union all
    select 'sessions', count(*), min(greatest(run.start_time, run.end_time, run.updated_at) + make_interval(days => kind.retention_days))
      from public.sessions as run
      join public.agent_types as kind on kind.agent_type = run.agent_type
     where greatest(run.start_time, run.end_time, run.updated_at) < now() - make_interval(days => kind.retention_days, hours => $1)
       and not exists (
           select from public.q_values as made
            where made.agent_type = run.agent_type and made.session_id = run.session_id
       )
       and not exists (
           select from public.trajectories as made
            where made.agent_type = run.agent_type and made.session_id = run.session_id
       )
       and not exists (
           select from public.rewards as made
            where made.agent_type = run.agent_type and made.session_id = run.session_id
       )
)
select format('%s rows of %I expired and are still there: nothing purges', many, relation) as what,
       format('the oldest expired %s, %s hours ago; %s', to_char(oldest at time zone 'UTC', 'YYYY-MM-DD HH24:MI "UTC"'),
              extract(epoch from now() - oldest)::bigint / 3600,
              case when exists (select from pg_catalog.pg_extension where extname = 'pg_cron')
                   then 'pg_cron is installed: qlmodels upgrade schedules the purge'
                   else 'there is no pg_cron, and no panel is at it'
              end) as evidence,
       'select * from cleanup_expired_data();' as mend
  from expired
 where many > 0
 order by relation
