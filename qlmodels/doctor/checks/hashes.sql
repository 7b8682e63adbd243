with states as (
    select pair.agent_type,
           min(pair.state_data::text) as document,
           array_agg(distinct pair.state_hash::text) as hashes
      from public.q_values as pair
     group by pair.agent_type, pg_catalog.md5(pair.state_data::text)
    having count(distinct pair.state_hash) > 1
), actions as (
    select pair.agent_type,
           min(pair.action_data::text) as document,
           array_agg(distinct pair.action_hash::text) as hashes
      from public.q_values as pair
     group by pair.agent_type, pg_catalog.md5(pair.action_data::text)
    having count(distinct pair.action_hash) > 1
), doubles as (
    select agent_type, 'state' as kind, min(document) as document, min(hashes) as hashes, count(*) as number
      from states
     group by agent_type
    union all
    select agent_type, 'action', min(document), min(hashes), count(*)
      from actions
     group by agent_type
)
select format('%s documents of %s are stored under more than one %s hash', number, agent_type, kind) as what,
       format(
           'the %s %s has the hashes %s and %s', kind, left(document, 60), hashes[1], hashes[2]
       ) as evidence,
       format(
           'let all clients of %s hash a %s alike; rows under the hash that is given up can be removed',
           agent_type, kind
       ) as fix
  from doubles
 order by what
