-- Agent types whose policies have numbers, here or where the archive is from, and the highest of
-- their episodes: what is learned from now on descends from the policy that came.
select kind.agent_type, coalesce(episode.highest, 0) as highest
  from public.agent_types as kind
 cross join lateral (
       select max(trajectory.policy_version) as highest
         from public.trajectories as trajectory
        where trajectory.agent_type = kind.agent_type
       ) as episode
 where kind.agent_type = any ($1::text[])
   and (   episode.highest > 0
        or exists (
            select from qlmodels_private.policy_versions as version
             where version.agent_type = kind.agent_type
        ))
 order by kind.agent_type
