-- case: definition
create or replace view public.pattern_effectiveness with (security_invoker = true) as
select agent_type, pattern_id, pattern_name, version, usage_count, success_count, failure_count,
       0.5::double precision as success_rate, avg_reward, confidence_score, last_used
  from public.patterns;

-- case: one more column
create or replace view public.pattern_effectiveness with (security_invoker = true) as
select agent_type, pattern_id, pattern_name, version, usage_count, success_count, failure_count,
       coalesce(success_count::double precision / nullif(usage_count, 0), 0) as success_rate,
       avg_reward, confidence_score, last_used, pattern_data
  from public.patterns;

-- case: columns in another order
drop view public.pattern_effectiveness;
create view public.pattern_effectiveness with (security_invoker = true) as
select pattern_id, agent_type from public.patterns;

-- case: with the rights of its owner
alter view public.agent_performance_summary reset (security_invoker);

-- case: security barrier
alter view public.pattern_effectiveness set (security_barrier = true);

-- case: check option
alter view public.pattern_effectiveness set (check_option = cascaded);

-- case: default of a column
alter view public.pattern_effectiveness alter column usage_count set default 7;

-- case: a column is renamed
alter view public.pattern_effectiveness rename column last_used to used_at;

-- case: dropped
drop view public.pattern_effectiveness;

-- case: appears
create view public.all_sessions as select * from public.sessions;

-- case: a table instead
drop view public.pattern_effectiveness;
create table public.pattern_effectiveness (agent_type text);

-- case: owner
-- by: superuser
alter view public.pattern_effectiveness owner to qlmodels_definer;
