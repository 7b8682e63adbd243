select to_json(kind)
  from public.agent_types as kind
 where kind.agent_type = $1
