explain (format json)
select action_data, q_value, confidence_score
  from public.q_values
 where agent_type = (select agent_type from public.agent_types limit 1)
   and state_hash = 'a state that nobody knows'
 order by q_value desc, confidence_score desc
 limit 1
