-- Those of an agent type's last `latest` episodes that came through a state.
with latest as materialized (
    select episode.trajectory_id, episode.task_id, episode.completed_at, episode.success,
           episode.total_reward, episode.policy_version, episode.states_visited
      from public.trajectories as episode
     where episode.agent_type = :agent_type
     order by episode.completed_at desc
     limit :latest
)
select latest.trajectory_id, latest.task_id, latest.completed_at, latest.success,
       latest.total_reward, latest.policy_version
  from latest
 where latest.states_visited @> jsonb_build_array(cast(:state as jsonb))
   and exists (
       select from jsonb_array_elements(latest.states_visited) as visited (state)
        where visited.state = cast(:state as jsonb)
   )
 order by latest.completed_at desc
 limit 10
