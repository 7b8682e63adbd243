-- Episodes and their rewards in one statement. COPY is refused under row-level security. An
-- episode that is stored already stays as it is, and so do its rewards. One that names no version of
-- the policy is of the one that was kept last. Training episodes that were not stored before count
-- for the instance $33. No row for an unknown agent type.
with episode as (
    select given.*
      from unnest(
               $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
               $9::text[], $10::double precision[], $11::double precision[], $12::integer[],
               $13::boolean[], $14::boolean[], $15::boolean[], $16::boolean[], $17::bigint[],
               $18::double precision[], $19::integer[], $20::double precision[], $21::text[],
               $22::timestamptz[], $23::timestamptz[], $24::text[], $25::text[]
           ) as given (
               trajectory_id, session_id, task_id, initial_state, final_state, actions_taken,
               states_visited, step_rewards, total_reward, discounted_reward, execution_time_ms,
               success, terminated, truncated, is_evaluation, seed,
               exploration_rate, policy_version, priority, error_message,
               started_at, completed_at, extra, legal_actions
           )
), stored as (
    insert into public.trajectories (
        agent_type, trajectory_id, session_id, task_id, initial_state, final_state, actions_taken,
        states_visited, step_rewards, total_reward, discounted_reward, execution_time_ms, success,
        terminated, truncated, is_evaluation, seed, exploration_rate, policy_version, priority,
        error_message, started_at, completed_at, expires_at, metadata,
        legal_actions
    )
    select kind.agent_type, episode.trajectory_id, episode.session_id, episode.task_id,
           episode.initial_state::jsonb, episode.final_state::jsonb, episode.actions_taken::jsonb,
           episode.states_visited::jsonb, episode.step_rewards::jsonb, episode.total_reward,
           episode.discounted_reward, episode.execution_time_ms, episode.success,
           episode.terminated, episode.truncated, episode.is_evaluation, episode.seed,
           episode.exploration_rate,
           coalesce(nullif(episode.policy_version, 0), (select qlmodels.policy_version($1))),
           episode.priority,
           episode.error_message, episode.started_at, episode.completed_at,
           qlmodels.expiry(kind.retention_days), episode.extra::jsonb,
           episode.legal_actions::jsonb
      from episode
      join public.agent_types as kind on kind.agent_type = $1
    on conflict (agent_type, trajectory_id) do nothing
    returning trajectory_id, session_id, success, is_evaluation, total_reward
), rewarded as (
    insert into public.rewards (
        agent_type, session_id, trajectory_id, state_hash, action_hash, reward_value, step,
        reward_type, observed_at
    )
    select $1, stored.session_id, stored.trajectory_id, reward.state_hash, reward.action_hash,
           reward.reward_value, reward.step, reward.reward_type, reward.observed_at
      from unnest(
               $26::uuid[], $27::text[], $28::text[], $29::double precision[], $30::integer[],
               $31::text[], $32::timestamptz[]
           ) as reward (
               trajectory_id, state_hash, action_hash, reward_value, step, reward_type, observed_at
           )
      join stored on stored.trajectory_id = reward.trajectory_id
), learned as (
    select count(*)::integer as episodes, (count(*) filter (where stored.success))::integer as successes,
           coalesce(sum(qlmodels.total_after(0, stored.total_reward)), 0) as total_reward
      from stored
     where not stored.is_evaluation
)
select (select count(*) from stored) as stored, added.total_tasks, added.exploration_rate,
       added.exploration_decay, added.min_exploration_rate
  from learned
 cross join lateral qlmodels.add_to_instance(
           $1, $33, learned.episodes, learned.successes, learned.total_reward
       ) as added
