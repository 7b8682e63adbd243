-- Since how many seconds rows are expired and still there, by table, and how many pairs of each
-- agent type expire within :soon. No index holds expires_at, so that upserts are HOT: this reads
-- whole tables.
with pair as (
    select agent_type, min(expires_at) as first_expiry,
           count(*) filter (where expires_at < now() + cast(:soon as interval)) as expiring
      from public.q_values
     group by agent_type
), expired as (
    select 'q_values' as relation, min(first_expiry) as since
      from pair
    union all
    select 'trajectories', min(expires_at)
      from public.trajectories
    union all
    select 'patterns', min(expires_at)
      from public.patterns
    union all
    select 'rewards', min(reward.observed_at + make_interval(days => kind.retention_days))
      from public.rewards as reward
      join public.agent_types as kind on kind.agent_type = reward.agent_type
)
select (
       select jsonb_object_agg(
                  relation, greatest(0, coalesce(extract(epoch from now() - since), 0))
              )
         from expired
       ) as lags,
       (select coalesce(jsonb_object_agg(agent_type, expiring), '{}') from pair) as expiring
