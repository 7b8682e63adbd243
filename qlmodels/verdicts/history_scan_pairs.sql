-- The next `size` pairs of each agent type after the one that it was left at, by the primary key:
-- how many, the largest value, and those with a TD error that were updated last, if after `since`.
select begun.agent_type, part.*
  from unnest(
           cast(:agent_types as text[]), cast(:after as bigint[]), cast(:since as timestamptz[])
       ) as begun (agent_type, after, since)
 cross join lateral (
       select count(*) as read, max(pair.q_value_id) as last, max(abs(pair.q_value)) as largest,
              (array_agg(pair.last_updated order by pair.last_updated desc) filter (
                  where pair.td_error is not null
                    and (begun.since is null or pair.last_updated > begun.since)
              ))[1 : cast(:latest as integer)] as moments,
              (array_agg(abs(pair.td_error) order by pair.last_updated desc) filter (
                  where pair.td_error is not null
                    and (begun.since is null or pair.last_updated > begun.since)
              ))[1 : cast(:latest as integer)] as errors
         from (
              select q.q_value_id, q.q_value, q.td_error, q.last_updated
                from public.q_values as q
               where q.agent_type = begun.agent_type and q.q_value_id > begun.after
               order by q.q_value_id
               limit cast(:size as integer)
              ) as pair
       ) as part
