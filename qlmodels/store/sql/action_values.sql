-- What the given actions are worth in a state, in their order; no row for an unknown agent type.
select array_agg(coalesce(pair.q_value, kind.initial_q_value) order by legal.position) as q_values,
       array_agg(coalesce(pair.visit_count, 0) order by legal.position) as visits,
       count(pair.q_value_id) as known
  from public.agent_types as kind
 cross join unnest($3::text[]) with ordinality as legal (action_hash, position)
  left join public.q_values as pair
    on pair.agent_type = $1
   and pair.state_hash = $2
   and pair.action_hash = legal.action_hash
 where kind.agent_type = $1
having count(*) > 0
