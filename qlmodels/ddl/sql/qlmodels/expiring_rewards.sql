-- The rewards that may expire, and when; moments of the end of time have room for what is added.
create or replace view qlmodels.expiring_rewards with (security_invoker = true) as
select reward.agent_type, reward.reward_id,
       least(greatest(reward.observed_at, kind.counted_from), '200000-01-01 UTC') + kind.retention as expires_at
  from public.rewards as reward
  join qlmodels.expiring_agent_types() as kind on kind.agent_type = reward.agent_type;
