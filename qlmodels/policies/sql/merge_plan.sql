-- What gives agent type $2 the pairs of agent type $1. Where both have one, rule $3 decides: visited,
-- weighted, overwrite or keep. Numbers of visits end at what an integer holds.
with given as materialized (
    select pair.state_hash, pair.state_data, pair.action_hash, pair.action_data,
           pair.q_value::double precision as q_value, pair.visit_count::bigint as visits,
           pair.confidence_score::double precision as confidence,
           pair.uncertainty::double precision as uncertainty,
           pair.td_error::double precision as td_error, pair.metadata
      from (
{pairs}
           ) as pair
), met as materialized (
    select given.*, held.q_value_id as number,
           held.state_data <> given.state_data or held.action_data <> given.action_data as clashes,
           held.q_value::double precision as held_value, held.visit_count::bigint as held_visits,
           held.confidence_score::double precision as held_confidence,
           held.uncertainty::double precision as held_uncertainty,
           held.td_error::double precision as held_td_error
      from given
      left join public.q_values as held
        on held.agent_type = $2
       and held.state_hash = given.state_hash
       and held.action_hash = given.action_hash
), wins as materialized (
    select met.*,
           case $3::text
               when 'overwrite' then true
               when 'visited' then met.visits > met.held_visits
               when 'weighted' then met.visits > 0
               else false end as given_wins
      from met
), wanted as materialized (
    select wins.number, wins.state_hash, wins.action_hash,
           case when wins.number is not null and $3::text = 'weighted'
                then wins.q_value * (wins.visits / (wins.visits + wins.held_visits)::double precision)
                     + wins.held_value
                       * (wins.held_visits / (wins.visits + wins.held_visits)::double precision)
                else wins.q_value end as q_value,
           case when wins.number is not null and $3::text = 'weighted'
                then least(wins.visits + wins.held_visits, 2147483647)
                else wins.visits end as visits,
           case when wins.number is not null and $3::text = 'weighted'
                then qlmodels.confidence_after(wins.held_confidence, wins.visits::integer)
                else wins.confidence end as confidence,
           case when wins.number is not null and $3::text = 'weighted'
                then qlmodels.uncertainty_after(wins.held_uncertainty, wins.visits::integer)
                else wins.uncertainty end as uncertainty,
           case when wins.number is not null and $3::text = 'weighted'
                     and wins.held_visits >= wins.visits
                then wins.held_td_error else wins.td_error end as td_error
      from wins
     where wins.number is null or wins.given_wins
), other as materialized (
    select wanted.*
      from wanted
      join wins using (state_hash, action_hash)
     where wanted.number is not null
       and row(
               wanted.q_value, wanted.visits, wanted.confidence, wanted.uncertainty, wanted.td_error
           ) is distinct from row(
               wins.held_value, wins.held_visits, wins.held_confidence, wins.held_uncertainty,
               wins.held_td_error
           )
), clash as (
    select format('%L, %L', met.state_hash, met.action_hash) as pair
      from met
     where met.clashes
     order by met.state_hash, met.action_hash
     limit 1
), expiry as (
    select qlmodels.expiry(kind.retention_days) as expires_at
      from public.agent_types as kind
     where kind.agent_type = $2
)
