-- What only the whole history of an agent type tells: a scan of its pairs and of an index of its
-- episodes. Windows are counted back from the newest episode, and full.
with rule as (
    select cast(:window as integer) as size, cast(:greedy_window as integer) as greedy_size,
           cast(:band as double precision) as band
), pair as (
    select agent_type, abs(q_value) as value, abs(td_error) as error,
           row_number() over (
               partition by agent_type order by td_error is null, last_updated desc
           ) as place
      from public.q_values
), pairs as (
    select agent_type, count(*) as pairs, max(value) as largest_value,
           array_agg(error order by place desc) filter (
               where error is not null and place <= 5 * rule.size
           ) as errors
      from pair, rule
     group by agent_type
), episode as (
    select j.agent_type, j.is_evaluation, j.total_reward, j.completed_at,
           case when j.is_evaluation then rule.greedy_size else rule.size end as size,
           row_number() over (
               partition by j.agent_type, j.is_evaluation order by j.completed_at desc
           ) - 1 as place
      from public.trajectories as j, rule
), part as (
    select agent_type, is_evaluation, count(*) as episodes, avg(total_reward) as mean,
           stddev_samp(total_reward) / sqrt(size) as error, max(completed_at) as ended,
           count(*) = size as is_full
      from episode
     group by agent_type, is_evaluation, size, place / size
), best as (
    -- the best of many windows is partly luck: its band is wider, the more there are
    select distinct on (agent_type, is_evaluation) agent_type, is_evaluation, mean, ended,
           mean - error * greatest(rule.band, sqrt(2 * ln(20.0 * count(*) over (
               partition by agent_type, is_evaluation
           ))::double precision)) as low
      from part, rule
     where is_full
     order by agent_type, is_evaluation, mean desc, ended desc
), counted as (
    select agent_type,
           sum(episodes) filter (where not is_evaluation) as episodes,
           sum(episodes) filter (where is_evaluation) as greedy_episodes
      from part
     group by agent_type
)
select kind.agent_type,
       coalesce(pairs.pairs, 0) as pairs,
       pairs.largest_value,
       coalesce(counted.episodes, 0)::bigint as episodes,
       coalesce(counted.greedy_episodes, 0)::bigint as greedy_episodes,
       trained.mean as best, trained.low as best_low, trained.ended as best_at,
       greedy.mean as greedy_best, greedy.low as greedy_best_low, greedy.ended as greedy_best_at,
       surprise.means as td_errors,
       surprise.is_rising as td_rises,
       greatest(reward.largest, step.largest) as largest_reward
  from rule
 cross join public.agent_types as kind
  left join pairs using (agent_type)
  left join counted using (agent_type)
  left join best as trained on trained.agent_type = kind.agent_type and not trained.is_evaluation
  left join best as greedy on greedy.agent_type = kind.agent_type and greedy.is_evaluation
  -- the pairs that were updated last, in five parts by time
 cross join lateral (
       select array_agg(mean order by place) as means,
              count(*) = 5 and min(updates) >= 5
              and bool_and(coalesce(mean > former, true))
              and max(mean) - min(mean) > rule.band * sqrt(
                      coalesce(max(variance / updates) filter (where place = 1), 0)
                      + coalesce(max(variance / updates) filter (where place = 5), 0)
                  ) as is_rising
         from (
              select place, count(*) as updates, avg(error) as mean, var_samp(error) as variance,
                     lag(avg(error)) over (order by place) as former
                from (
                     select error, ntile(5) over (order by number) as place
                       from unnest(pairs.errors) with ordinality as latest (error, number)
                     ) as parted
               group by place
              ) as part
       ) as surprise
 cross join lateral (
       select max(abs(latest.reward_value)) as largest
         from (
              select r.reward_value
                from public.rewards as r
               where r.agent_type = kind.agent_type
               order by r.reward_id desc
               limit 10000
              ) as latest
       ) as reward
 cross join lateral (
       select max(abs(given.reward::double precision)) as largest
         from (
              select j.step_rewards
                from public.trajectories as j
               where j.agent_type = kind.agent_type
               order by j.completed_at desc
               limit 1000
              ) as latest
        cross join jsonb_array_elements_text(latest.step_rewards) as given (reward)
       ) as step
 order by kind.agent_type
