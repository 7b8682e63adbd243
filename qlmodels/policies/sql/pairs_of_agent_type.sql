    -- the pairs of agent type $1 in its version $4, or as they are now
    select pair.*
      from qlmodels_private.policy_parts as part
     cross join lateral unnest(
               part.state_hashes, part.states, part.action_hashes, part.actions, part.q_values,
               part.visit_counts, part.confidence_scores, part.uncertainties, part.td_errors,
               part.last_updated, part.metadata
           ) as pair (
               state_hash, state_data, action_hash, action_data, q_value, visit_count,
               confidence_score, uncertainty, td_error, last_updated, metadata
           )
     where part.agent_type = $1 and part.policy_version = $4::integer
    union all
    select pair.state_hash::text, pair.state_data, pair.action_hash::text, pair.action_data,
           pair.q_value::double precision, pair.visit_count::integer,
           pair.confidence_score::double precision, pair.uncertainty::double precision,
           pair.td_error::double precision, pair.last_updated, pair.metadata
      from public.q_values as pair
     where pair.agent_type = $1 and $4::integer is null
