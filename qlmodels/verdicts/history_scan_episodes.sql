-- The next `size` episodes of each agent type before the moment that it was left at, from an index,
-- training or greedy ones: how many, and the best of their windows, which are counted back from
-- there, and full. Episodes of one moment are never parted.
select begun.agent_type, begun.is_greedy, part.*
  from unnest(
           cast(:agent_types as text[]), cast(:is_greedy as boolean[]),
           cast(:before as timestamptz[]), cast(:windows as integer[])
       ) as begun (agent_type, is_greedy, before, length)
 cross join lateral (
       select coalesce(sum(episodes), 0)::bigint as read, min(began) as last,
              count(*) filter (where episodes = begun.length) as windows,
              (array_agg(mean order by mean desc, ended desc)
                  filter (where episodes = begun.length))[1] as best,
              (array_agg(error order by mean desc, ended desc)
                  filter (where episodes = begun.length))[1] as error,
              (array_agg(ended order by mean desc, ended desc)
                  filter (where episodes = begun.length))[1] as ended
         from (
              select count(*) as episodes, avg(episode.total_reward) as mean,
                     stddev_samp(episode.total_reward) / sqrt(begun.length) as error,
                     max(episode.completed_at) as ended, min(episode.completed_at) as began
                from (
                     select j.total_reward, j.completed_at,
                            row_number() over (order by j.completed_at desc) - 1 as place
                       from (
                            (
                            select k.total_reward, k.completed_at
                              from public.trajectories as k
                             where not begun.is_greedy and k.agent_type = begun.agent_type
                               and k.completed_at < begun.before and not k.is_evaluation
                             order by k.completed_at desc
                             fetch first cast(:size as integer) rows with ties
                            )
                            union all
                            (
                            select k.total_reward, k.completed_at
                              from public.trajectories as k
                             where begun.is_greedy and k.agent_type = begun.agent_type
                               and k.completed_at < begun.before and k.is_evaluation
                             order by k.completed_at desc
                             fetch first cast(:size as integer) rows with ties
                            )
                       ) as j
                     ) as episode
               group by episode.place / begun.length
              ) as window_of
       ) as part
