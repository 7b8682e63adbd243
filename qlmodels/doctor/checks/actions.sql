select format(
           '%s is said to have %s actions and learned of %s', kind.agent_type,
           kind.action_space_dimensions, learned.actions
       ) as what,
       format(
           'action_space_dimensions is %s, q_values holds %s distinct actions',
           kind.action_space_dimensions, learned.actions
       ) as evidence,
       format(
           'qlmodels agent set %s action_space_dimensions=%s', kind.agent_type, learned.actions
       ) as fix
  from public.agent_types as kind
 cross join lateral (
       select count(*) as actions
         from (
              select distinct pair.action_hash
                from public.q_values as pair
               where pair.agent_type = kind.agent_type
         ) as used
 ) as learned
 where learned.actions between 1 and kind.action_space_dimensions - 1
 order by what
