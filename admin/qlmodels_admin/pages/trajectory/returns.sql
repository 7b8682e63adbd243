-- An episode's rewards and return in at most `points` parts of as many steps, counted from 0; the
-- lowest and the highest reward of each part, and the return that it reached at its end and within.
with step as (
    select given.place - 1 as step, given.reward::double precision as reward,
           sum(given.reward::double precision) over (order by given.place) as so_far,
           count(*) over () as steps
      from public.trajectories as j
     cross join lateral jsonb_array_elements_text(j.step_rewards)
           with ordinality as given (reward, place)
     where j.agent_type = :agent_type and j.trajectory_id = :trajectory_id
)
select min(step) as first, max(step) as last, sum(reward) as reward,
       (array_agg(so_far order by step desc))[1] as so_far,
       min(so_far) as lowest, max(so_far) as highest,
       min(reward) as loss, (array_agg(step order by reward, step))[1] as loss_at,
       max(reward) as gain, (array_agg(step order by reward desc, step))[1] as gain_at
  from step
 group by step * cast(:points as integer) / greatest(steps, cast(:points as integer))
 order by 1
