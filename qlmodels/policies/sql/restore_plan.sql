-- What makes the Q-table of agent type $1 what version $2 holds: pairs to delete, to change, to bring
-- back. Only pairs that version $3 holds, which was kept a moment ago, are deleted; null is any.
-- What a purge kept is the pairs that it took, so that those come back and all others stay.
with purged as materialized (
    select version.reason = 'purge' as by_purge
      from qlmodels_private.policy_versions as version
     where version.agent_type = $1 and version.policy_version = $2
), kept as materialized (
    select pair.*
      from qlmodels_private.policy_parts as part
     cross join lateral unnest(
               part.q_value_ids, part.session_ids, part.state_hashes, part.states,
               part.action_hashes, part.actions, part.q_values, part.visit_counts,
               part.confidence_scores, part.uncertainties, part.td_errors, part.last_updated,
               part.created_at, part.metadata
           ) as pair (
               q_value_id, session_id, state_hash, state_data, action_hash, action_data, q_value,
               visit_count, confidence_score, uncertainty, td_error, last_updated, created_at,
               metadata
           )
     where part.agent_type = $1 and part.policy_version = $2
), held as materialized (
    select pair.q_value_id, pair.state_hash, pair.action_hash,
           row(
               pair.state_data, pair.action_data, pair.q_value::double precision,
               pair.visit_count::integer, pair.confidence_score::double precision,
               pair.uncertainty::double precision, pair.td_error::double precision, pair.metadata
           ) as learned
      from public.q_values as pair
     where pair.agent_type = $1
), expiry as (
    select qlmodels.expiry(kind.retention_days) as expires_at
      from public.agent_types as kind
     where kind.agent_type = $1
), doomed as materialized (
    select held.q_value_id
      from held
     where not (select by_purge from purged)
       and not exists (
               select from kept
                where kept.state_hash = held.state_hash and kept.action_hash = held.action_hash
           )
       and (
           $3::integer is null
           or held.q_value_id in (
               select before.q_value_id
                 from qlmodels_private.policy_parts as part
                cross join lateral unnest(part.q_value_ids) as before (q_value_id)
                where part.agent_type = $1 and part.policy_version = $3::integer
           )
       )
), other as materialized (
    select held.q_value_id as number, kept.*
      from kept
      join held on held.state_hash = kept.state_hash and held.action_hash = kept.action_hash
     where not (select by_purge from purged)
       and held.learned is distinct from row(
               kept.state_data, kept.action_data, kept.q_value, kept.visit_count,
               kept.confidence_score, kept.uncertainty, kept.td_error, kept.metadata
           )
), absent as materialized (
    select kept.*, run.session_id as run_id, taken.q_value_id is not null as is_taken
      from kept
      left join held on held.state_hash = kept.state_hash and held.action_hash = kept.action_hash
      left join held as taken on taken.q_value_id = kept.q_value_id
      left join public.sessions as run
        on run.agent_type = $1 and run.session_id = kept.session_id
     where held.q_value_id is null
)
