select episode.trajectory_id, episode.task_id, episode.states_visited::text as states,
       episode.actions_taken::text as actions, episode.step_rewards::text as rewards,
       episode.total_reward, episode.success, episode.terminated, episode.truncated,
       episode.priority
  from public.trajectories as episode
 where episode.agent_type = $1
   and episode.trajectory_id = any ($2::uuid[])
