-- What makes the Q-table of agent type $2 that of agent type $1, as it is now or in its version $4:
-- pairs to delete, to change, to add. Only pairs that are as version $3 of $2 holds them, which was
-- kept a moment ago, are changed or deleted; null is any.
with given as materialized (
{pairs}), held as materialized (
    select pair.q_value_id, pair.state_hash, pair.action_hash,
           row(
               pair.state_data, pair.action_data, pair.q_value::double precision,
               pair.visit_count::integer, pair.confidence_score::double precision,
               pair.uncertainty::double precision, pair.td_error::double precision, pair.metadata
           ) as learned
      from public.q_values as pair
     where pair.agent_type = $2
       and (
           $3::integer is null
           or (pair.q_value_id, pair.visit_count::integer, pair.q_value::double precision) in (
               select before.q_value_id, before.visit_count, before.q_value
                 from qlmodels_private.policy_parts as part
                cross join lateral unnest(part.q_value_ids, part.visit_counts, part.q_values)
                      as before (q_value_id, visit_count, q_value)
                where part.agent_type = $2 and part.policy_version = $3::integer
           )
       )
), expiry as (
    select qlmodels.expiry(kind.retention_days) as expires_at
      from public.agent_types as kind
     where kind.agent_type = $2
), doomed as materialized (
    select held.q_value_id
      from held
     where not exists (
               select from given
                where given.state_hash = held.state_hash and given.action_hash = held.action_hash
           )
), other as materialized (
    select held.q_value_id as number, given.*
      from given
      join held on held.state_hash = given.state_hash and held.action_hash = given.action_hash
     where held.learned is distinct from row(
               given.state_data, given.action_data, given.q_value, given.visit_count,
               given.confidence_score, given.uncertainty, given.td_error, given.metadata
           )
), absent as materialized (
    select given.*
      from given
      left join held on held.state_hash = given.state_hash and held.action_hash = given.action_hash
     where held.q_value_id is null
)
