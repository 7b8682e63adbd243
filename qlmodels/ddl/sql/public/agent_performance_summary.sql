create or replace view public.agent_performance_summary
with (security_invoker = true) as
select kind.agent_type,
       kind.display_name,
       coalesce(instance.instances, 0) as instances,
       coalesce(run.sessions, 0) as sessions,
       coalesce(episode.trajectories, 0) as trajectories,
       coalesce(episode.successes, 0) as successes,
       coalesce(episode.successes::double precision / nullif(episode.trajectories, 0), 0) as success_rate,
       coalesce(episode.total_reward, 0) as total_reward,
       coalesce(episode.total_reward / nullif(episode.trajectories, 0), 0) as avg_reward,
       coalesce(pair.pairs, 0) as pairs,
       pair.avg_q_value,
       pair.avg_confidence,
       greatest(instance.last_activity, episode.last_completed) as last_activity,
       -- by the names that the original's clients read
       coalesce(run.sessions, 0) as total_sessions,
       coalesce(episode.total_reward, 0) as cumulative_reward,
       coalesce(instance.instances, 0) as active_instances,
       greatest(instance.last_activity, episode.last_completed) as last_active,
       episode.avg_execution_time_ms,
       coalesce(pattern.patterns, 0) as unique_patterns,
       coalesce(episode.trajectories, 0) as total_trajectories,
       coalesce(episode.successes, 0) as successful_trajectories,
       pair.avg_state_visits
  from public.agent_types as kind
  left join (
       select agent_type,
              count(*) as instances,
              max(last_activity) as last_activity
         from public.agent_states
        group by agent_type
  ) as instance on instance.agent_type = kind.agent_type
  left join (
       select agent_type, count(*) as sessions
         from public.sessions
        group by agent_type
  ) as run on run.agent_type = kind.agent_type
  left join (
       select agent_type,
              count(*) as trajectories,
              count(*) filter (where success) as successes,
              sum(total_reward) as total_reward,
              max(completed_at) as last_completed,
              avg(execution_time_ms)::double precision as avg_execution_time_ms
         from public.trajectories
        group by agent_type
  ) as episode on episode.agent_type = kind.agent_type
  left join (
       select agent_type,
              count(*) as pairs,
              avg(q_value) as avg_q_value,
              avg(confidence_score) as avg_confidence,
              avg(visit_count)::double precision as avg_state_visits
         from public.q_values
        group by agent_type
  ) as pair on pair.agent_type = kind.agent_type
  left join (
       select agent_type, count(*) as patterns
         from public.patterns
        group by agent_type
  ) as pattern on pattern.agent_type = kind.agent_type;
