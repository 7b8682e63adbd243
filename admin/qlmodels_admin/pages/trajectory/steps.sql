-- Some steps of an episode, counted from 0: action, reward, return so far, the state that was acted
-- in, the one before and the one after. `:first - 1` may be before the beginning.
with part as materialized (
    select jsonb_path_query_array(
               j.actions_taken, '$[$first to $last]',
               jsonb_build_object('first', cast(:first as integer), 'last', cast(:last as integer))
           ) as actions,
           jsonb_path_query_array(
               j.states_visited, '$[$first to $last]',
               jsonb_build_object(
                   'first', greatest(cast(:first as integer) - 1, 0),
                   'last', cast(:last as integer) + 1
               )
           ) as states,
           least(cast(:first as integer), 1) as before
      from public.trajectories as j
     where j.agent_type = :agent_type and j.trajectory_id = :trajectory_id
), reward as (
    select (given.place - 1)::integer as step, given.reward::double precision as reward,
           sum(given.reward::double precision) over (order by given.place) as so_far
      from public.trajectories as j
     cross join lateral jsonb_array_elements_text(j.step_rewards)
           with ordinality as given (reward, place)
     where j.agent_type = :agent_type and j.trajectory_id = :trajectory_id
)
select reward.step, reward.reward, reward.so_far,
       part.actions -> (reward.step - cast(:first as integer)) as action,
       part.states -> (reward.step - cast(:first as integer) + part.before) as state,
       case when reward.step > 0
            then part.states -> (reward.step - cast(:first as integer) + part.before - 1)
        end as former,
       part.states -> (reward.step - cast(:first as integer) + part.before + 1) as next
  from part, reward
 where reward.step between :first and :last
 order by reward.step
