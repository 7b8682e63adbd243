-- The rewards that may expire, and when.
create or replace view qlmodels.expiring_rewards with (security_invoker = true) as
select reward.agent_type, reward.reward_id,
       greatest(reward.observed_at, kind.counted_from) + kind.retention as expires_at
  from public.rewards as reward
  join qlmodels.expiring_agent_types() as kind on kind.agent_type = reward.agent_type;
