select kind.discount_factor, kind.environment, kind.learning_rate,
       kind.action_space_dimensions, kind.created_at
  from public.agent_types as kind
 where kind.agent_type = $1
