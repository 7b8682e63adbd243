-- $1: pairs of each agent type that is looked up in by LearningStore, which counts its look-ups.
select kind.agent_type, kind.hashing, instance.lookup_hits,
       pair.state_hash, pair.state_data::text as state, pair.action_hash, pair.action_data::text as action,
       array(
           select adopted.document_hash::text
             from qlmodels_private.adopted_hashes as adopted
            where adopted.agent_type = kind.agent_type
              and adopted.kind = 'state'
              and adopted.hash = pair.state_hash
       ) as adopted_states,
       array(
           select adopted.document_hash::text
             from qlmodels_private.adopted_hashes as adopted
            where adopted.agent_type = kind.agent_type
              and adopted.kind = 'action'
              and adopted.hash = pair.action_hash
       ) as adopted_actions
  from public.agent_types as kind
  join (
       select state.agent_type, sum(state.lookup_hits) as lookup_hits
         from public.agent_states as state
        group by state.agent_type
       having sum(state.lookups) > 0
  ) as instance on instance.agent_type = kind.agent_type
 cross join lateral (
       select stored.state_hash, stored.state_data, stored.action_hash, stored.action_data
         from public.q_values as stored
        where stored.agent_type = kind.agent_type
        limit $1
  ) as pair
