-- A new value for a pair that is stored with these documents; no row where there is none.
update public.q_values as pair
   set q_value = $6::double precision,
       visit_count = pair.visit_count + 1,
       confidence_score = qlmodels.confidence_after(pair.confidence_score, 1),
       uncertainty = qlmodels.uncertainty_after(pair.uncertainty, 1),
       last_updated = now(),
       expires_at = (
           select qlmodels.expiry(kind.retention_days)
             from public.agent_types as kind
            where kind.agent_type = $1
       )
 where pair.agent_type = $1
   and pair.state_hash = $2
   and pair.action_hash = $4
   and qlmodels.is_same_document(pair.state_data, $3::text::jsonb, $2)
   and qlmodels.is_same_document(pair.action_data, $5::text::jsonb, $4)
returning pair.q_value_id, pair.visit_count
