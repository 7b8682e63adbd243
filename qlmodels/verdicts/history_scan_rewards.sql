-- The largest reward of a step: of the last 10,000 that were recorded as rows of their own, and of
-- the steps of the last 1,000 episodes.
select named.agent_type, greatest(reward.largest, step.largest) as largest
  from unnest(cast(:agent_types as text[])) as named (agent_type)
 cross join lateral (
       select max(abs(latest.reward_value)) as largest
         from (
              select r.reward_value
                from public.rewards as r
               where r.agent_type = named.agent_type
               order by r.reward_id desc
               limit 10000
              ) as latest
       ) as reward
 cross join lateral (
       select max(abs(given.reward::double precision)) as largest
         from (
              select j.step_rewards
                from public.trajectories as j
               where j.agent_type = named.agent_type
               order by j.completed_at desc
               limit 1000
              ) as latest
        cross join jsonb_array_elements_text(latest.step_rewards) as given (reward)
       ) as step
