-- Agent types to be scanned, and since when each is that one.
select t.agent_type, t.created_at
  from public.agent_types as t
 order by t.agent_type
