-- Every learning step counts one visit of a pair, so the Q-table itself tells how far it is.
select coalesce(sum(pair.visit_count), 0)::bigint
  from public.q_values as pair
 where pair.agent_type = $1
