-- $1: how many episodes or look-ups there must have been.
with asked as (
    select agent_type, sum(lookups) as lookups, sum(lookup_hits) as hits, sum(total_tasks) as episodes
      from public.agent_states
     group by agent_type
)
select format('%s learns values and never reads them', asked.agent_type) as what,
       format('%s episodes, no look-up', asked.episodes) as evidence,
       format('see that agents of %s choose by select_action or get_best_action', asked.agent_type) as mend
  from asked
 where asked.episodes >= $1
   and asked.lookups = 0
   and exists (select from public.q_values where q_values.agent_type = asked.agent_type)
union all
select format('%s asks for states that were never learned', asked.agent_type),
       format('%s look-ups, none found', asked.lookups),
       format('see that agents of %s hash a state alike when they learn and when they ask', asked.agent_type)
  from asked
 where asked.lookups >= $1
   and asked.hits = 0
 order by what
