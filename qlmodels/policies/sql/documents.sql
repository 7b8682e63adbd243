-- The documents of pairs by their hashes, $2 and $3, as they are now or in one of the versions $4.
with wanted as (
    select distinct given.state_hash collate "C" as state_hash,
           given.action_hash collate "C" as action_hash
      from unnest($2::text[], $3::text[]) as given (state_hash, action_hash)
), live as (
    select pair.state_hash::text as state_hash, pair.action_hash::text as action_hash,
           pair.state_data, pair.action_data, pair.q_value_id
      from wanted
      join public.q_values as pair
        on pair.agent_type = $1
       and pair.state_hash = wanted.state_hash
       and pair.action_hash = wanted.action_hash
), missing as materialized (
    select state_hash, action_hash from wanted
    except
    select state_hash collate "C", action_hash collate "C" from live
), kept as (
    select distinct on (pair.state_hash, pair.action_hash)
           pair.state_hash, pair.action_hash, pair.state_data, pair.action_data, null::bigint
      from qlmodels_private.policy_parts as part
     cross join lateral unnest(
               part.state_hashes, part.action_hashes, part.states, part.actions
           ) as pair (state_hash, action_hash, state_data, action_data)
      join missing
        on missing.state_hash = pair.state_hash collate "C"
       and missing.action_hash = pair.action_hash collate "C"
     where part.agent_type = $1
       and part.policy_version = any ($4::integer[])
       and exists (select from missing)
)
select state_hash, action_hash, state_data::text as state, action_data::text as action, q_value_id
  from live
union all
select * from (select state_hash, action_hash, state_data::text, action_data::text, null::bigint from kept) as found
