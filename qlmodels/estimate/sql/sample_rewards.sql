-- Rewards $1 up to $2, fifteen for each episode.
insert into qlmodels_private.sample_rewards (
    agent_type, trajectory_id, state_hash, action_hash, reward_value, step
)
select fleet.names[1 + number / 15 % fleet.agents], md5((number / 15)::text)::uuid,
       encode(sha256(convert_to(number::text, 'UTF8')), 'hex'),
       encode(sha256(convert_to((number % 8)::text, 'UTF8')), 'hex'), random(), number % 15
  from generate_series($1::integer, $2::integer - 1) as number
 cross join (select array_agg(agent_type order by agent_type) as names, count(*) as agents from public.agent_types) as fleet
