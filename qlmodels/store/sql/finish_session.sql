-- Totals that are not given are those of the session's recorded episodes.
update public.sessions as run
   set status = $3,
       end_time = coalesce(run.end_time, now()),
       task_count = coalesce($4::integer, episode.task_count),
       total_reward = coalesce($5::double precision, episode.total_reward)
  from (
       select count(*)::integer as task_count,
              qlmodels.total_after(
                  0, coalesce(sum(qlmodels.total_after(0, trajectory.total_reward)), 0)
              ) as total_reward
         from public.trajectories as trajectory
        where trajectory.agent_type = $1
          and trajectory.session_id = $2::uuid
  ) as episode
 where run.agent_type = $1
   and run.session_id = $2::uuid
returning run.session_id
