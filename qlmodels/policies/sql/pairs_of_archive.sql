    -- the pairs of agent type $1 in an archive, which archived_pairs holds; $4 is no version
    select pair.state_hash, pair.state_data, pair.action_hash, pair.action_data, pair.q_value,
           pair.visit_count, pair.confidence_score, pair.uncertainty, pair.td_error,
           pair.last_updated, pair.metadata
      from pg_temp.archived_pairs as pair
     where pair.agent_type = $1 and $4::integer is null
