-- The episodes that may expire, and when.
create or replace view qlmodels.expiring_trajectories with (security_invoker = true) as
select episode.agent_type, episode.trajectory_id,
       greatest(episode.expires_at, kind.counted_from + kind.retention) as expires_at
  from public.trajectories as episode
  join qlmodels.expiring_agent_types() as kind on kind.agent_type = episode.agent_type
 where episode.expires_at is not null;
