select agent_type
  from public.agent_types
 where agent_type = any ($1::text[])
   and not metadata @> '{"made_by": "qlmodels loadtest"}'
