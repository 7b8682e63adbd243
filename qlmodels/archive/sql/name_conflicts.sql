-- Agent types that hold rows, or settings that somebody changed.
select kind.agent_type
  from public.agent_types as kind
 where kind.agent_type = any ($1::text[])
   and (   kind.updated_at <> kind.created_at
        or exists (select from public.sessions as held where held.agent_type = kind.agent_type)
        or exists (select from public.q_values as held where held.agent_type = kind.agent_type)
        or exists (select from public.trajectories as held where held.agent_type = kind.agent_type)
        or exists (select from public.rewards as held where held.agent_type = kind.agent_type)
        or exists (select from public.patterns as held where held.agent_type = kind.agent_type)
        or exists (select from public.agent_states as held where held.agent_type = kind.agent_type))
 order by kind.agent_type
