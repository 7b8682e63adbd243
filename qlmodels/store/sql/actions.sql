-- All actions that were tried in a state, the best first.
select pair.action_data::text as action,
       pair.q_value,
       pair.confidence_score,
       pair.visit_count
  from public.q_values as pair
 where pair.agent_type = $1
   and pair.state_hash = $2
 order by pair.q_value desc, pair.confidence_score desc, pair.visit_count desc, pair.action_hash
