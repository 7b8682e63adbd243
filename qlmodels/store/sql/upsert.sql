-- A pair that `update` did not find; no row where it is there meanwhile, or is of an unknown agent type.
insert into public.q_values as pair (
    agent_type, session_id, state_hash, state_data, action_hash, action_data, q_value, expires_at
)
select kind.agent_type, $7::uuid, $2::text, $3::text::jsonb, $4::text, $5::text::jsonb,
       $6::double precision, qlmodels.expiry(kind.retention_days)
  from public.agent_types as kind
 where kind.agent_type = $1
on conflict (agent_type, state_hash, action_hash) do nothing
returning pair.q_value_id
