-- One Q-table is one agent type in one environment: no row where the type learns in another.
-- A session that this very call has made already is found again.
insert into public.sessions as run (
    agent_type, session_id, session_name, environment, metadata, agent_instance_id
)
select kind.agent_type, $2::uuid, $3::text, $4::text, $5::text::jsonb, $6::text
  from public.agent_types as kind
 where kind.agent_type = $1
   and (kind.environment is null or kind.environment = $4::text)
on conflict (agent_type, session_id) do update set metadata = run.metadata
returning run.session_id
