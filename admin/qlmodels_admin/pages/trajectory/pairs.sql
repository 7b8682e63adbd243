-- The pairs that steps of an episode touched, as they are now, with the state's best value: by the
-- hashes of its rewards where those are rows of their own, else by the hashes that are given, of which
-- an agent type has the original's, and those that single documents were adopted with.
with recorded as materialized (
    select distinct on (r.step) r.step, r.state_hash, r.action_hash
      from public.rewards as r
     where r.agent_type = :agent_type and r.trajectory_id = :trajectory_id
       and r.step between :first and :last
     order by r.step, r.reward_id
), touched as (
    select given.step,
           coalesce(
               recorded.state_hash, state.hash,
               case kind.hashing when 'original' then given.original_state else given.state_hash end
           ) as state_hash,
           coalesce(
               recorded.action_hash, action.hash,
               case kind.hashing when 'original' then given.original_action else given.action_hash end
           ) as action_hash
      from unnest(
               cast(:steps as integer[]), cast(:states as text[]), cast(:actions as text[]),
               cast(:original_states as text[]), cast(:original_actions as text[])
           ) as given (step, state_hash, action_hash, original_state, original_action)
      join public.agent_types as kind on kind.agent_type = :agent_type
      left join recorded using (step)
      left join qlmodels_private.adopted_hashes as state
        on state.agent_type = :agent_type and state.kind = 'state'
       and state.document_hash = given.state_hash
      left join qlmodels_private.adopted_hashes as action
        on action.agent_type = :agent_type and action.kind = 'action'
       and action.document_hash = given.action_hash
)
select touched.step, q.q_value_id, q.q_value, q.visit_count, q.last_updated, best.q_value as best
  from touched
  join public.q_values as q
    on q.agent_type = :agent_type and q.state_hash = touched.state_hash
   and q.action_hash = touched.action_hash
 cross join lateral (
       select max(o.q_value) as q_value
         from public.q_values as o
        where o.agent_type = :agent_type and o.state_hash = touched.state_hash
       ) as best
