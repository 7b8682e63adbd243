-- No other demo runs, so sessions left open belong to a killed one: they end with what is recorded.
update public.sessions as run
   set status = 'failed',
       end_time = coalesce(episode.ended, run.updated_at),
       task_count = episode.task_count,
       total_reward = episode.total_reward
  from public.sessions as dead
 cross join lateral (
       select max(trajectory.completed_at) as ended,
              count(*)::integer as task_count,
              coalesce(sum(trajectory.total_reward), 0) as total_reward
         from public.trajectories as trajectory
        where trajectory.agent_type = dead.agent_type
          and trajectory.session_id = dead.session_id
 ) as episode
 where dead.agent_type = $1
   and dead.status = 'active'
   and run.agent_type = dead.agent_type
   and run.session_id = dead.session_id
