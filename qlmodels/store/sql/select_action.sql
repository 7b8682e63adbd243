-- What is known of the given actions in a state; no row for an unknown agent type.
select kind.initial_q_value,
       kind.created_at,
       known.action_hashes,
       known.q_values,
       known.visits
  from public.agent_types as kind
 cross join lateral (
       select coalesce(array_agg(pair.action_hash), '{}')::text[] as action_hashes,
              coalesce(array_agg(pair.q_value::double precision), '{}') as q_values,
              coalesce(array_agg(pair.visit_count::integer), '{}') as visits
         from public.q_values as pair
        where pair.agent_type = $1
          and pair.state_hash = $2
          and pair.action_hash = any ($3::text[])
 ) as known
 where kind.agent_type = $1
