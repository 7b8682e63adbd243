-- Names to choose from.
select t.agent_type
  from public.agent_types as t
 order by t.agent_type
