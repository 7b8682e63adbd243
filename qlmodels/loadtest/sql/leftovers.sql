select agent_type
  from public.agent_types
 where agent_type like 'loadtest-%'
   and metadata @> '{"made_by": "qlmodels loadtest"}'
 order by agent_type
