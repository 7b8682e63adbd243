-- The latest version of each pattern of one agent type or all, the most used first, and how many
-- versions it has.
with latest as (
    select distinct on (p.agent_type, p.pattern_name) p.agent_type, p.pattern_id, p.usage_count,
           count(*) over (partition by p.agent_type, p.pattern_name) as versions
      from public.patterns as p
     where cast(:agent_type as text) is null or p.agent_type = :agent_type
     order by p.agent_type, p.pattern_name, p.version desc
), shown as (
    select *
      from latest
     order by usage_count desc, agent_type, pattern_id
     limit cast(:size as integer)
)
select p.agent_type, p.pattern_id, p.pattern_name, p.version, p.pattern_type, p.pattern_category,
       p.trigger_conditions, p.usage_count, p.success_count, p.failure_count, p.avg_reward,
       p.last_used, shown.versions
  from shown
  join public.patterns as p
    on p.agent_type = shown.agent_type and p.pattern_id = shown.pattern_id
 order by p.usage_count desc, p.agent_type, p.pattern_id
