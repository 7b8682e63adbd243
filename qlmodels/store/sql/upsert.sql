-- What upsert_q_value does, but a hash that is stored with another document is refused: no row.
insert into public.q_values as pair (
    agent_type, session_id, state_hash, state_data, action_hash, action_data, q_value, expires_at
)
select kind.agent_type, $7::uuid, $2::text, $3::text::jsonb, $4::text, $5::text::jsonb,
       $6::double precision, qlmodels.expiry(kind.retention_days)
  from public.agent_types as kind
 where kind.agent_type = $1
on conflict (agent_type, state_hash, action_hash) do update
   set q_value = excluded.q_value,
       visit_count = pair.visit_count + 1,
       confidence_score = qlmodels.confidence_after(pair.confidence_score, 1),
       uncertainty = qlmodels.uncertainty_after(pair.uncertainty, 1),
       last_updated = now(),
       expires_at = excluded.expires_at
 where pair.state_data = excluded.state_data
   and pair.action_data = excluded.action_data
returning pair.q_value_id, pair.visit_count
