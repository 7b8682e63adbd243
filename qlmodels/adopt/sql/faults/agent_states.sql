create view qlmodels_adopt.agent_states_faults as
select original.state_id::text as row_key, fault.column_name, fault.becomes, fault.reason
  from qlmodels_adopt.agent_states as original
 cross join lateral (
     values
     (null::text, null::jsonb, 'its agent type was not kept',
      not exists (select from public.agent_types as kind where kind.agent_type = original.agent_type)),
     ('total_tasks', '0', 'total_tasks is below 0', original.total_tasks < 0),
     ('successful_tasks', '0', 'successful_tasks is below 0', original.successful_tasks < 0),
     ('failed_tasks', '0', 'failed_tasks is below 0', original.failed_tasks < 0),
     ('patterns_learned', '0', 'patterns_learned is below 0', original.patterns_learned < 0),
     ('q_values_stored', '0', 'q_values_stored is below 0', original.q_values_stored < 0),
     ('total_reward', to_jsonb(qlmodels_adopt.as_number(original.total_reward)), 'total_reward is no number',
      qlmodels_adopt.as_number(original.total_reward) is distinct from original.total_reward),
     ('avg_reward', to_jsonb(qlmodels_adopt.as_number(original.avg_reward)), 'avg_reward is no number',
      qlmodels_adopt.as_number(original.avg_reward) is distinct from original.avg_reward),
     ('current_exploration_rate', to_jsonb(qlmodels_adopt.as_rate(original.current_exploration_rate, 0.2)), 'current_exploration_rate is no rate between 0 and 1',
      qlmodels_adopt.as_rate(original.current_exploration_rate, 0.2) is distinct from original.current_exploration_rate),
     ('current_learning_rate', to_jsonb(qlmodels_adopt.as_rate(original.current_learning_rate, 0.1)), 'current_learning_rate is no rate between 0 and 1',
      qlmodels_adopt.as_rate(original.current_learning_rate, 0.1) is distinct from original.current_learning_rate)
 ) as fault (column_name, becomes, reason, applies)
 where fault.applies
