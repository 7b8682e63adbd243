create view qlmodels_adopt.sessions_faults as
select original.session_id::text as row_key, fault.column_name, fault.becomes, fault.reason
  from qlmodels_adopt.sessions as original
 cross join lateral (
     values
     (null::text, null::jsonb, 'its agent type was not kept',
      not exists (select from public.agent_types as kind where kind.agent_type = original.agent_type)),
     ('task_count', '0', 'task_count is below 0', original.task_count < 0),
     ('total_reward', to_jsonb(qlmodels_adopt.as_number(original.total_reward)), 'total_reward is no number',
      qlmodels_adopt.as_number(original.total_reward) is distinct from original.total_reward),
     ('environment', '"development"', 'environment is null', original.environment is null)
 ) as fault (column_name, becomes, reason, applies)
 where fault.applies
