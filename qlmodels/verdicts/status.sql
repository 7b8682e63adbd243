-- How each agent type learns, and with `by_instance` each instance: its last episodes, their
-- verdicts, and the figures that prove them. `history` is of history_scan.py; `only` has pairs
-- of agent type and instance, and null is all. What is read here are the newest entries of an index,
-- however long the tables are.
with rule as materialized (
    select cast(:window as integer) as size, cast(:greedy_window as integer) as greedy_size,
           cast(:band as double precision) as band, cast(:enough as integer) as enough,
           cast(:evidence as integer) as evidence, cast(:silence as interval) as silence, cast(:points as integer) as points
), measure as materialized (
    select *
      from jsonb_to_recordset(cast(:history as jsonb)) as measure (
               agent_type text, created_at timestamptz, pairs bigint, largest_value double precision, episodes bigint,
               greedy_episodes bigint, best double precision, best_low double precision,
               best_at timestamptz, greedy_best double precision,
               greedy_best_low double precision, greedy_best_at timestamptz,
               td_errors double precision[], td_rises boolean, largest_reward double precision
           )
), subject as materialized (
    select row_number() over () as number, kind.agent_type, null::text as instance
      from public.agent_types as kind
     where not cast(:by_instance as boolean)
       and (cast(:only as jsonb) is null
            or kind.agent_type in (select one ->> 0 from jsonb_array_elements(:only) as one))
    union all
    select row_number() over (), s.agent_type, s.agent_instance_id
      from public.agent_states as s
     where cast(:by_instance as boolean)
       and (cast(:only as jsonb) is null
            or (s.agent_type, s.agent_instance_id) in (
                   select one ->> 0, one ->> 1 from jsonb_array_elements(:only) as one
               ))
), episode as materialized (
    select subject.number, false as is_greedy, rule.size, e.*
      from subject, rule
     cross join lateral (
           select j.completed_at, j.total_reward, j.success, j.exploration_rate,
                  row_number() over (order by j.completed_at desc) as place,
                  count(*) over () as played
             from (
                  select k.completed_at, k.total_reward, k.success, k.exploration_rate
                    from public.trajectories as k
                   where k.agent_type = subject.agent_type and not k.is_evaluation
                   order by k.completed_at desc
                   limit 4 * rule.size
                  ) as j
           ) as e
     where subject.instance is null
    union all
    select subject.number, true, rule.greedy_size, e.*
      from subject, rule
     cross join lateral (
           select j.completed_at, j.total_reward, j.success, j.exploration_rate,
                  row_number() over (order by j.completed_at desc), count(*) over ()
             from (
                  select k.completed_at, k.total_reward, k.success, k.exploration_rate
                    from public.trajectories as k
                   where k.agent_type = subject.agent_type and k.is_evaluation
                   order by k.completed_at desc
                   limit rule.size
                  ) as j
           ) as e
     where subject.instance is null
    union all
    -- an instance's episodes are those of its sessions, the last three of them
    select subject.number, false, rule.size, e.*
      from subject, rule
     cross join lateral (
           select j.completed_at, j.total_reward, j.success, j.exploration_rate,
                  row_number() over (order by j.completed_at desc), count(*) over ()
             from (
                  select l.*
                    from (
                         select run.session_id
                           from public.sessions as run
                          where run.agent_type = subject.agent_type
                            and run.agent_instance_id = subject.instance
                          order by run.start_time desc
                          limit 3
                         ) as run
                   cross join lateral (
                         select k.completed_at, k.total_reward, k.success, k.exploration_rate
                           from public.trajectories as k
                          where k.agent_type = subject.agent_type
                            and k.session_id = run.session_id and not k.is_evaluation
                          order by k.completed_at desc
                          limit 4 * rule.size
                         ) as l
                   order by l.completed_at desc
                   limit 4 * rule.size
                  ) as j
           ) as e
     where subject.instance is not null
), part as (
    select number, is_greedy, size, (place - 1) / size as age, avg(total_reward) as mean,
           coalesce(var_samp(total_reward), 0) as variance, count(*) = size as is_full,
           min(completed_at) as began
      from episode
     group by number, is_greedy, size, (place - 1) / size
), three as materialized (
    select number, is_greedy, size, avg(mean) as level, avg(variance) as variance,
           max(mean) as highest, min(mean) as lowest, min(began) as began
      from part
     where age < 3 and is_full
     group by number, is_greedy, size
    having count(*) = 3
), level as (
    -- the confidence band is that of one window's mean, and level ± spread that of all three
    select three.*,
           rule.band * sqrt(variance / three.size) + 1e-9 * abs(level) as around_window,
           rule.band * sqrt(variance / (3 * three.size)) + 1e-9 * abs(level) as around_level
      from three, rule
), figures as materialized (
    select number, is_greedy, max(played) as played,
           avg(total_reward) filter (where place <= rule.size) as mean,
           avg(total_reward) filter (where place <= greatest(1, played / 2)) as late,
           var_samp(total_reward) filter (where place <= played / 2) / nullif(max(played) / 2, 0)
               as late_error,
           avg(total_reward) filter (where place > played / 2) as early,
           var_samp(total_reward) filter (where place > played / 2)
               / nullif(max(played) - max(played) / 2, 0) as early_error,
           count(*) filter (where success and place <= rule.size) as successes,
           count(*) filter (where place <= rule.size) as tried,
           max(exploration_rate) filter (where place = 1) as epsilon,
           max(completed_at) as last_completed
      from episode, rule
     group by number, is_greedy
), bucket as (
    select number, is_greedy, avg(total_reward) as mean,
           (played - place) * rule.points / greatest(played, rule.points) as bucket
      from episode, rule
     group by number, is_greedy, (played - place) * rule.points / greatest(played, rule.points)
), curve as (
    select number, is_greedy, array_agg(mean order by bucket) as points
      from bucket
     group by number, is_greedy
), judged as (
    -- greedy episodes decide once there are a window's worth, and none is older than what three
    -- windows of training have changed
    select subject.number,
           coalesce(
               greedy.tried = rule.size
                   and greedy.last_completed >= coalesce(three.began, greedy.last_completed),
               false
           ) as is_greedy
      from subject
     cross join rule
      left join figures as greedy on greedy.number = subject.number and greedy.is_greedy
      left join three on three.number = subject.number and not three.is_greedy
), instances as (
    select s.agent_type,
           case when cast(:by_instance as boolean) then s.agent_instance_id end as instance,
           count(*) as instances,
           (array_agg(s.status order by s.last_activity desc))[1] as status,
           count(*) filter (where s.status = 'error') as in_error,
           count(*) filter (
               where s.status in ('active', 'learning') and s.last_activity < now() - rule.silence
           ) as lost,
           sum(s.total_tasks) as tasks, sum(s.lookups)::bigint as lookups,
           sum(s.lookup_hits)::bigint as hits, sum(s.q_values_stored) as made, max(s.last_activity) as last_activity,
           (array_agg(s.current_exploration_rate order by s.last_activity desc))[1] as epsilon
      from public.agent_states as s, rule
     where s.agent_type in (select subject.agent_type from subject)
     group by 1, 2
), state as (
    select kind.agent_type, subject.instance, kind.is_active, basis.is_greedy,
           basis.mean, basis.late, basis.early, basis.played, basis.successes, basis.tried,
           level.level, level.began as flat_since,
           coalesce(instances.epsilon, trained.epsilon) as epsilon,
           measure.pairs, measure.largest_value, measure.td_errors, measure.largest_reward,
           coalesce(case when subject.instance is null then measure.episodes end, instances.tasks, 0)::bigint
               as episodes,
           measure.greedy_episodes,
           greatest(trained.last_completed, greedy.last_completed, instances.last_activity)
               as last_seen,
           coalesce(instances.instances, 0) as instances, instances.status, instances.tasks,
           coalesce(instances.in_error, 0) as in_error, coalesce(instances.lost, 0) as lost,
           coalesce(trained.played, 0)
               + greatest(greedy.played, case when subject.instance is null then measure.greedy_episodes end, 0)
               as recorded,
           coalesce(instances.lookups, 0) as lookups, coalesce(instances.hits, 0) as hits,
           instances.made,
           case when basis.is_greedy then measure.greedy_best else measure.best end as best,
           case when basis.is_greedy then measure.greedy_best_at else measure.best_at end as best_at,
           bound.bound,
           coalesce(curve.points, '{}') as curve,
           -- by chance once in 370 times: three standard errors, of ten episodes or more each
           case when coalesce(basis.played, 0) < 20 then 'new'
                when abs(basis.late - basis.early)
                     <= 3 * sqrt(basis.late_error + basis.early_error) then 'holds'
                when basis.late > basis.early then 'improved'
                else 'fell' end as trend,
           level.highest - level.level <= level.around_window
               and level.level - level.lowest <= level.around_window
               and level.level + level.around_level
                   < case when basis.is_greedy then measure.greedy_best_low
                          else measure.best_low end as stalled,
           basis.tried = rule.size and 2 * basis.successes < basis.tried as failing,
           measure.largest_reward > 0 and measure.largest_value > (1 + 1e-9) * bound.bound as beyond,
           coalesce(measure.td_rises, false) as td_rises,
           rule.enough, rule.evidence
      from subject
      join public.agent_types as kind on kind.agent_type = subject.agent_type
     cross join rule
      left join measure
        on measure.agent_type = kind.agent_type
       and measure.created_at = kind.created_at
      -- without discounting a return has no bound
     cross join lateral (
           select case when kind.discount_factor < 1
                       then greatest(measure.largest_reward / (1 - kind.discount_factor),
                                     abs(kind.initial_q_value)) end as bound
           ) as bound
      left join figures as trained
        on trained.number = subject.number and not trained.is_greedy
      left join figures as greedy on greedy.number = subject.number and greedy.is_greedy
      join judged on judged.number = subject.number
      left join figures as basis
        on basis.number = subject.number and basis.is_greedy = judged.is_greedy
      left join level on level.number = subject.number and level.is_greedy = judged.is_greedy
      left join curve on curve.number = subject.number and curve.is_greedy = judged.is_greedy
      left join instances
        on instances.agent_type = subject.agent_type
       and instances.instance is not distinct from subject.instance
)
select state.agent_type, instance, is_active, is_greedy, episodes, greedy_episodes, played, mean,
       late, early, successes, tried, level, flat_since, best, best_at, epsilon,
       case when instance is null then pairs else made end as pairs, largest_value,
       largest_reward, bound, td_errors, last_seen, instances, status, in_error, lost, lookups, hits,
       curve, trend,
       -- worst first; the first is the one to name
       array_remove(array[
           case when in_error > 0 then 'error' end,
           case when beyond then 'value_out_of_bounds' end,
           case when td_rises then 'diverging' end,
           case when failing and recorded >= evidence then 'failing' end,
           case when stalled and recorded >= evidence then 'stalled' end,
           case when trend = 'fell' and stalled is not true and recorded >= evidence then 'fell' end,
           case when tasks >= enough and lookups = 0
                     and (made > 0 or instance is null and exists (
                             select from public.q_values as q where q.agent_type = state.agent_type
                         ))
                then 'never_looked_up' end,
           case when lookups >= enough and hits = 0 then 'lookups_always_miss' end,
           case when lost > 0 then 'heartbeat_lost' end,
           case when played is null and coalesce(pairs, 0) = 0 and instances = 0 then 'never_started' end
       ], null) as verdicts,
       recorded
  from state
 order by state.agent_type, instance
