-- The latest words on a pattern; its record of uses stays. No row for an unknown agent type.
-- An id that is not the given one was there before; this call, repeated, finds its own.
insert into public.patterns as pattern (
    agent_type, pattern_id, pattern_name, version, pattern_type, pattern_category, pattern_data,
    trigger_conditions, expected_outcome, parent_pattern_id, expires_at
)
select kind.agent_type, $10::uuid, $2::text, $3::integer, $4::text, $5::text, $6::text::jsonb,
       $7::text::jsonb, $8::text::jsonb, $9::uuid,
       qlmodels.expiry(kind.retention_days)
  from public.agent_types as kind
 where kind.agent_type = $1
on conflict (agent_type, pattern_name, version) do update
   set pattern_type = excluded.pattern_type,
       pattern_category = excluded.pattern_category,
       pattern_data = excluded.pattern_data,
       trigger_conditions = excluded.trigger_conditions,
       expected_outcome = excluded.expected_outcome,
       expires_at = excluded.expires_at
returning pattern.pattern_id, pattern.pattern_id = $10::uuid as is_new
