-- All pairs of some states, of a version or, where that is null, as they are now.
select held.q_value_id, held.state_hash::text as state_hash, held.state_data,
       held.action_hash::text as action_hash, held.action_data,
       held.q_value::double precision as q_value, held.visit_count::integer as visits,
       held.confidence_score::double precision as confidence, held.last_updated
  from public.q_values as held
 where held.agent_type = :agent_type
   and held.state_hash = any (cast(:states as text[]))
   and cast(:version as integer) is null
union all
select kept.q_value_id, kept.state_hash, kept.state_data, kept.action_hash, kept.action_data,
       kept.q_value, kept.visits, kept.confidence, kept.last_updated
  from qlmodels_private.policy_parts as part
 cross join lateral unnest(
           part.q_value_ids, part.state_hashes, part.states, part.action_hashes, part.actions,
           part.q_values, part.visit_counts, part.confidence_scores, part.last_updated
       ) as kept (
           q_value_id, state_hash, state_data, action_hash, action_data, q_value, visits,
           confidence, last_updated
       )
 where part.agent_type = :agent_type
   and part.policy_version = cast(:version as integer)
   and part.state_hashes && cast(:states as text[])
   and kept.state_hash = any (cast(:states as text[]))
