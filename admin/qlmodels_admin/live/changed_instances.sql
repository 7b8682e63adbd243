-- The instances that changed since, and the clock; one probe of an index for each agent type.
select s.agent_type, s.agent_instance_id
  from public.agent_types as kind
 cross join lateral (
       select s.agent_type, s.agent_instance_id
         from public.agent_states as s
        where s.agent_type = kind.agent_type and s.updated_at > cast(:since as timestamptz)
       ) as s
