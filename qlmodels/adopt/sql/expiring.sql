-- What of the rows would expire on which day (UTC) if their agent types were not used any more, before
-- the year 10000.
with kind as materialized (
    select * from qlmodels.expiring_agent_types()
), due as (
    select 'sessions' as "table", least(
               greatest(run.start_time, run.end_time, run.updated_at, kind.counted_from), '200000-01-01 UTC'
           ) + kind.retention as at
      from public.sessions as run join kind on kind.agent_type = run.agent_type
    union all
    select 'q_values', greatest(pair.expires_at, kind.counted_from + kind.retention)
      from public.q_values as pair join kind on kind.agent_type = pair.agent_type
     where pair.expires_at is not null
    union all
    select 'trajectories', due.expires_at from qlmodels.expiring_trajectories as due
    union all
    select 'rewards', due.expires_at from qlmodels.expiring_rewards as due
    union all
    select 'patterns', due.expires_at from qlmodels.expiring_patterns as due
)
select "table", (at at time zone 'UTC')::date as day, count(*) as rows
  from due
 where at < '9999-12-31 UTC'
 group by 1, 2
 order by 2, 1
