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
       last_used
  from public.patterns;
