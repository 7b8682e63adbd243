select found.q_value_id, found.state_hash, found.state_data::text as state, found.action_hash,
       found.action_data::text as action, found.q_value, found.visit_count
  from qlmodels.find_states($1::text::jsonb, $3, $2::text::jsonb) as found
 where found.agent_type = $4
