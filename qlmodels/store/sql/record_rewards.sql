-- Rewards that are no part of an episode being recorded: delayed ones, or those of single steps.
insert into public.rewards (
    agent_type, session_id, trajectory_id, state_hash, action_hash, reward_value, step,
    reward_type, reward_source
)
select $1, reward.*
  from unnest(
           $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::double precision[], $7::integer[],
           $8::text[], $9::text[]
       ) as reward
