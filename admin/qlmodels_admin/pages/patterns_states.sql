-- In how many of the states that were learned last a pattern's conditions hold, and some of them.
with latest as materialized (
    select q.q_value_id, q.state_hash, q.state_data
      from public.q_values as q
     where q.agent_type = :agent_type
     order by q.q_value_id desc
     limit 2000
), state as materialized (
    select distinct on (state_hash) state_hash, state_data
      from latest
     order by state_hash, q_value_id desc
), judged as materialized (
    select state.state_hash, state.state_data,
           p.trigger_conditions is null
               or qlmodels.satisfies(state.state_data, p.trigger_conditions) as holds
      from state
      join public.patterns as p on p.agent_type = :agent_type and p.pattern_id = :pattern_id
)
select count(*) as states, count(*) filter (where holds) as held,
       array(
           select state_hash
             from judged
            where holds
            order by state_hash
            limit 5
       ) as hashes,
       array(
           select state_data
             from judged
            where holds
            order by state_hash
            limit 5
       ) as documents
  from judged
