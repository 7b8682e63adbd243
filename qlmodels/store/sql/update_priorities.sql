-- All or none, and the ids that there are. In the order of the keys, so that two updates never
-- deadlock. The replays are counted here, where the row is written anyway: to draw an episode only
-- reads it. A repeated attempt ($4) counts those alone that have not the new priority yet: the first
-- one may have been committed.
with chosen as materialized (
    select episode.trajectory_id, given.priority
      from unnest($2::uuid[], $3::double precision[]) as given (trajectory_id, priority)
      join public.trajectories as episode
        on episode.agent_type = $1
       and episode.trajectory_id = given.trajectory_id
     order by episode.trajectory_id
       for update of episode
), updated as (
    update public.trajectories as episode
       set priority = chosen.priority,
           replay_count = episode.replay_count
               + case when $4::boolean and episode.priority = chosen.priority then 0 else 1 end
      from chosen
     where episode.agent_type = $1
       and episode.trajectory_id = chosen.trajectory_id
       and (select count(*) from chosen) = cardinality($2)
)
select chosen.trajectory_id
  from chosen
