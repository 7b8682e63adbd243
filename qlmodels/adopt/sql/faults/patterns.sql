-- Renumbering one version would rename the others, so that a version below 1 is left out.
create view qlmodels_adopt.patterns_faults as
select original.pattern_id::text as row_key, fault.column_name, fault.becomes, fault.reason
  from qlmodels_adopt.patterns as original
 cross join lateral (
     values
     (null::text, null::jsonb, 'its agent type was not kept',
      not exists (select from public.agent_types as kind where kind.agent_type = original.agent_type)),
     ('usage_count', '0', 'usage_count is below 0', original.usage_count < 0),
     ('success_count', '0', 'success_count is below 0', original.success_count < 0),
     ('failure_count', '0', 'failure_count is below 0', original.failure_count < 0),
     (null, null, 'version is below 1', original.version < 1),
     ('avg_reward', to_jsonb(qlmodels_adopt.as_number(original.avg_reward)), 'avg_reward is no number',
      qlmodels_adopt.as_number(original.avg_reward) is distinct from original.avg_reward),
     ('confidence_score', to_jsonb(qlmodels_adopt.as_rate(original.confidence_score, 0.5)), 'confidence_score is no rate between 0 and 1',
      qlmodels_adopt.as_rate(original.confidence_score, 0.5) is distinct from original.confidence_score),
     ('parent_pattern_id', 'null', 'its parent is another agent type''s, or was not kept',
      original.parent_pattern_id is not null
      and not exists (
          select from qlmodels_adopt.patterns as parent
           where parent.pattern_id = original.parent_pattern_id
             and parent.agent_type = original.agent_type
             and parent.version >= 1
      ))
 ) as fault (column_name, becomes, reason, applies)
 where fault.applies
