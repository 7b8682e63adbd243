-- In the order of the fields of Replayed; documents come last.
select episode.trajectory_id, episode.task_id, episode.total_reward, episode.success,
       episode.terminated, episode.truncated, episode.priority, episode.states_visited::text,
       episode.actions_taken::text, episode.step_rewards::text
  from public.trajectories as episode
 where episode.agent_type = $1
   and episode.trajectory_id = any ($2::text::uuid[])
