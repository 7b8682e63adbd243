-- An agent type whose name ours refuses is left out: whoever renames it renames its clients too.
create view qlmodels_adopt.agent_types_faults as
select original.agent_type::text as row_key, fault.column_name, fault.becomes, fault.reason
  from qlmodels_adopt.agent_types as original
 cross join lateral (
     values
     (null::text, null::jsonb, 'agent_type is no name of ours: a lower-case letter, then letters, digits and hyphens'::text,
      original.agent_type !~ '^[a-z][a-z0-9-]{0,49}$'),
     ('state_space_dimensions', '1', 'state_space_dimensions is below 1', original.state_space_dimensions < 1),
     ('action_space_dimensions', '1', 'action_space_dimensions is below 1', original.action_space_dimensions < 1),
     ('learning_rate', to_jsonb(qlmodels_adopt.as_rate(original.learning_rate, 0.1)), 'learning_rate is no rate between 0 and 1',
      qlmodels_adopt.as_rate(original.learning_rate, 0.1) is distinct from original.learning_rate),
     ('discount_factor', to_jsonb(qlmodels_adopt.as_rate(original.discount_factor, 0.95)), 'discount_factor is no rate between 0 and 1',
      qlmodels_adopt.as_rate(original.discount_factor, 0.95) is distinct from original.discount_factor),
     ('exploration_rate', to_jsonb(qlmodels_adopt.as_rate(original.exploration_rate, 0.2)), 'exploration_rate is no rate between 0 and 1',
      qlmodels_adopt.as_rate(original.exploration_rate, 0.2) is distinct from original.exploration_rate),
     ('min_exploration_rate', to_jsonb(qlmodels_adopt.as_rate(original.min_exploration_rate, 0.01)), 'min_exploration_rate is no rate between 0 and 1',
      qlmodels_adopt.as_rate(original.min_exploration_rate, 0.01) is distinct from original.min_exploration_rate),
     ('exploration_decay', to_jsonb(qlmodels_adopt.as_rate(original.exploration_decay, 0.995)), 'exploration_decay is no rate between 0 and 1',
      qlmodels_adopt.as_rate(original.exploration_decay, 0.995) is distinct from original.exploration_decay)
 ) as fault (column_name, becomes, reason, applies)
 where fault.applies
