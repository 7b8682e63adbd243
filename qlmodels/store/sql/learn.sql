select step.q_value, step.td_error, step.learning_rate, step.visit_count, step.next_values,
       step.next_visits, step.is_new
  from qlmodels.learn_transition(
           $1, $2, $3::text::jsonb, $4, $5::text::jsonb, $6, $7, $8, $9, $10, $11, $12, $13, $14
       ) as step
