create or replace view public.pattern_effectiveness
with (security_invoker = true) as
select pattern.agent_type,
       pattern.pattern_id,
       pattern.pattern_name,
       pattern.version,
       pattern.usage_count,
       pattern.success_count,
       pattern.failure_count,
       coalesce(
           pattern.success_count::double precision / nullif(pattern.usage_count, 0), 0
       ) as success_rate,
       pattern.avg_reward,
       pattern.confidence_score,
       pattern.last_used,
       -- by the names that the original's clients read
       pattern.pattern_type,
       coalesce(episode.trajectories, 0) as trajectories_using_pattern,
       case when isfinite(pattern.last_used)
            then (extract(epoch from now() - pattern.last_used) / 86400)::double precision
       end as days_since_used,
       episode.avg_trajectory_reward
  from public.patterns as pattern
  left join (
       select trajectory.agent_type,
              used.pattern_id,
              count(*) as trajectories,
              avg(trajectory.total_reward) as avg_trajectory_reward
         from public.trajectories as trajectory
        cross join lateral (
              select distinct named.pattern_id
                from jsonb_array_elements_text(
                         case jsonb_typeof(trajectory.metadata -> 'patterns_used')
                              when 'array' then trajectory.metadata -> 'patterns_used'
                              else '[]'
                         end
                     ) as named (pattern_id)
        ) as used
        where trajectory.metadata ? 'patterns_used'
        group by trajectory.agent_type, used.pattern_id
  ) as episode on episode.agent_type = pattern.agent_type
              and episode.pattern_id = pattern.pattern_id::text;
