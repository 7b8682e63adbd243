-- Each agent type over its last 200 episodes; every part is an index scan of a bounded length.
select
    t.agent_type,
    t.is_active,
    episodes.returns,
    episodes.success,
    episodes.epsilon,
    pairs.pairs,
    greatest(episodes.last_completed, instances.last_activity) as last_seen,
    coalesce(instances.in_error, 0) as in_error
from public.agent_types as t
left join lateral (
    select
        array_agg(e.total_reward order by e.completed_at, e.trajectory_id) as returns,
        avg(e.success::int) filter (where e.place <= 100)::double precision as success,
        (array_agg(e.exploration_rate order by e.place))[1] as epsilon,
        max(e.completed_at) as last_completed
    from (
        select
            j.total_reward,
            j.success,
            j.exploration_rate,
            j.completed_at,
            j.trajectory_id,
            row_number() over (order by j.completed_at desc, j.trajectory_id desc) as place
        from public.trajectories as j
        where j.agent_type = t.agent_type and not j.is_evaluation
        order by j.completed_at desc, j.trajectory_id desc
        limit 200
    ) as e
) as episodes on true
left join lateral (
    select count(*) as pairs
    from (
        select from public.q_values as q where q.agent_type = t.agent_type limit 10001
    ) as counted
) as pairs on true
left join lateral (
    select
        max(s.last_activity) as last_activity,
        count(*) filter (where s.status = 'error') as in_error
    from public.agent_states as s
    where s.agent_type = t.agent_type
) as instances on true
order by t.agent_type
