select coalesce(sum(visit_count), 0)::bigint as visits, count(*) as pairs
  from public.q_values
 where agent_type = $1
