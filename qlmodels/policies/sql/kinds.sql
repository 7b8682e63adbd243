-- Agent types of these names, or all that have learned something, and where each learns.
select kind.agent_type, kind.environment
  from public.agent_types as kind
 where case when $1::text[] is null
            then exists (select from public.q_values as pair where pair.agent_type = kind.agent_type)
            else kind.agent_type = any ($1::text[]) end
 order by kind.agent_type
