-- A pattern, all it was made from, all that was made from any of these, and its name's versions;
-- it itself first, and 200 at most.
with recursive former as (
    select p.pattern_id, p.parent_pattern_id
      from public.patterns as p
     where p.agent_type = :agent_type and p.pattern_id = :pattern_id
    union
    select p.pattern_id, p.parent_pattern_id
      from former
      join public.patterns as p
        on p.agent_type = :agent_type and p.pattern_id = former.parent_pattern_id
), later as (
    select former.pattern_id
      from former
    union
    select p.pattern_id
      from later
      join public.patterns as p
        on p.agent_type = :agent_type and p.parent_pattern_id = later.pattern_id
), namesake as (
    select p.pattern_id
      from public.patterns as p
     where p.agent_type = :agent_type
       and p.pattern_name = (
               select own.pattern_name
                 from public.patterns as own
                where own.agent_type = :agent_type and own.pattern_id = :pattern_id
           )
), family as (
    select pattern_id from later
    union
    select pattern_id from namesake
)
select p.agent_type, p.pattern_id, p.parent_pattern_id, p.pattern_name, p.version, p.pattern_type,
       p.pattern_category, p.pattern_data, p.trigger_conditions, p.expected_outcome,
       p.usage_count, p.success_count, p.failure_count, p.avg_reward, p.confidence_score,
       p.first_seen, p.last_used
  from family
  join public.patterns as p on p.agent_type = :agent_type and p.pattern_id = family.pattern_id
 order by p.pattern_id <> :pattern_id, p.pattern_name, p.version
 limit 200
