select step.q_value, step.td_error, step.learning_rate, step.visit_count, step.is_new
  from qlmodels.learn_transitions($1, $2::text::jsonb) as step
