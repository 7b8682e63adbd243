-- $1: visits that an agent type has at least, $2: states, $3: the share of one action.
with used as (
    select pair.agent_type,
           pair.action_hash,
           count(*) as states,
           sum(pair.visit_count) as visits,
           min(pair.action_data::text) as action
      from public.q_values as pair
     group by pair.agent_type, pair.action_hash
), whole as (
    select agent_type, sum(visits) as visits, count(*) as actions
      from used
     group by agent_type
)
select format('%s updates one action in nearly every state', used.agent_type) as what,
       format(
           'action %s has %s of %s visits, in %s states; %s other actions have the rest',
           left(used.action, 60), used.visits, whole.visits, used.states, whole.actions - 1
       ) as evidence,
       format(
           'see that what writes the pairs of %s names the action that was taken', used.agent_type
       ) as fix
  from used
  join whole on whole.agent_type = used.agent_type
  join public.agent_types as kind on kind.agent_type = used.agent_type
 where whole.visits >= $1::bigint
   and used.states >= $2::bigint
   and used.visits >= whole.visits * $3::numeric
   and coalesce(kind.action_space_dimensions, 2) > 1
 order by what
