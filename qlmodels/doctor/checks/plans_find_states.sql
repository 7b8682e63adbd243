explain (format json)
select state_data
  from public.q_values
 where agent_type = (select agent_type from public.agent_types limit 1)
   and state_data @> '{"a key that": "nobody knows"}'
 limit 50
