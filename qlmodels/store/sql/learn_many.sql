select step.q_value, step.td_error, step.learning_rate, step.visit_count
  from public.learn_many($1, $2::text::jsonb) as step
