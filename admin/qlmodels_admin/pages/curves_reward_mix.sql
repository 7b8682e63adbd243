-- Of what the rewards are made: the last 10,000 that were recorded as rows of their own.
select reward_type, reward_source, count(*) as rewards, sum(reward_value) as total,
       avg(reward_value) as mean
  from (
       select r.reward_type, r.reward_source, r.reward_value
         from public.rewards as r
        where r.agent_type = :agent_type
        order by r.reward_id desc
        limit 10000
       ) as latest
 group by reward_type, reward_source
 order by abs(sum(reward_value)) desc
