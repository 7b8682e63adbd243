select true as known
  from public.agent_types as kind
 where kind.agent_type = $1
