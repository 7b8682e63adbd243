-- One episode without the documents of its steps, its session, and its neighbours in time.
select j.agent_type, j.trajectory_id, j.session_id, j.task_id, j.final_state, j.total_reward,
       j.discounted_reward, j.execution_time_ms, j.success, j.terminated, j.truncated,
       j.is_evaluation, j.seed, j.exploration_rate, j.policy_version, j.priority, j.replay_count, j.error_message,
       j.started_at, j.completed_at, jsonb_array_length(j.actions_taken) as steps,
       s.session_name, s.agent_instance_id, s.environment,
       earlier.trajectory_id as earlier, later.trajectory_id as later
  from public.trajectories as j
  left join public.sessions as s
    on s.agent_type = j.agent_type and s.session_id = j.session_id
  left join lateral (
       select k.trajectory_id
         from public.trajectories as k
        where k.agent_type = j.agent_type and k.completed_at < j.completed_at
        order by k.completed_at desc
        limit 1
       ) as earlier on true
  left join lateral (
       select k.trajectory_id
         from public.trajectories as k
        where k.agent_type = j.agent_type and k.completed_at > j.completed_at
        order by k.completed_at
        limit 1
       ) as later on true
 where j.agent_type = :agent_type and j.trajectory_id = :trajectory_id
