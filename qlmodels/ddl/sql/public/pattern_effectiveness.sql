create or replace view public.pattern_effectiveness
with (security_invoker = true) as
select agent_type,
       pattern_id,
       pattern_name,
       version,
       usage_count,
       success_count,
       failure_count,
       coalesce(success_count::double precision / nullif(usage_count, 0), 0) as success_rate,
       avg_reward,
       confidence_score,
       last_used,
       -- by the names that the original's clients read
       pattern_type,
       usage_count as trajectories_using_pattern,
       extract(day from now() - last_used)::integer as days_since_used
  from public.patterns;
