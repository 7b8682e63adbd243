-- Since how many seconds rows are expired and still there, by table, and how many pairs of each
-- agent type expire within :soon. No index holds expires_at, so that upserts are HOT: this reads
-- whole tables.
with pair as (
    select kind.agent_type, min(due.expires_at) as first_expiry,
           count(*) filter (where due.expires_at < now() + cast(:soon as interval)) as expiring
      from public.agent_types as kind
      left join qlmodels.expiring_q_values as due on due.agent_type = kind.agent_type
     group by kind.agent_type
), expired as (
    select 'q_values' as relation, min(first_expiry) as since
      from pair
    union all
    select 'trajectories', min(expires_at)
      from qlmodels.expiring_trajectories
    union all
    select 'patterns', min(expires_at)
      from qlmodels.expiring_patterns
    union all
    select 'rewards', min(expires_at)
      from qlmodels.expiring_rewards
)
select (
       select jsonb_object_agg(
                  relation,
                  case when since is null then 0
                       else greatest(0, extract(epoch from now() - greatest(since, 'epoch'))) end
              )
         from expired
       ) as lags,
       (select coalesce(jsonb_object_agg(agent_type, expiring), '{}') from pair) as expiring
