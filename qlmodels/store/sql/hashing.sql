-- How states and actions of an agent type are hashed; null is RFC 8785.
select kind.hashing
  from public.agent_types as kind
 where kind.agent_type = $1
