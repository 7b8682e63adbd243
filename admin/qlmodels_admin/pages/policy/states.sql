-- The states of one Q-table, each with its best and its second best value, and what they are together.
-- Of `version`, or as it is now where that is null. At most `most` pairs are read, in the order of
-- their hashes, which says nothing of what they hold.
with pair as materialized (
    (
        select held.state_hash collate "C" as state_hash, held.q_value::double precision as q_value,
               held.visit_count::integer as visits
          from public.q_values as held
         where held.agent_type = :agent_type
           and cast(:version as integer) is null
           and (cast(:contains as jsonb) is null or held.state_data @> cast(:contains as jsonb))
         order by held.state_hash, held.action_hash
         limit :most
    )
    union all
    (
        select kept.state_hash collate "C", kept.q_value, kept.visits
          from qlmodels_private.policy_parts as part
         cross join lateral unnest(part.state_hashes, part.q_values, part.visit_counts, part.states)
               as kept (state_hash, q_value, visits, state_data)
         where part.agent_type = :agent_type
           and part.policy_version = cast(:version as integer)
           and (cast(:contains as jsonb) is null or kept.state_data @> cast(:contains as jsonb))
         limit :most
    )
), ranked as (
    select pair.*,
           row_number() over (partition by pair.state_hash order by pair.q_value desc) as place
      from pair
), state as materialized (
    select state_hash, count(*) as actions, sum(visits)::bigint as visits,
           max(q_value) as best,
           max(q_value) filter (where place = 2) as second
      from ranked
     group by state_hash
), whole as (
    select count(*) as states,
           count(*) filter (where second is null) as single,
           coalesce(sum(actions), 0)::bigint as pairs,
           (select max(abs(q_value)) from pair) as largest
      from state
), counted as materialized (
    select whole.*,
           (
               select count(*)
                 from state
                where state.best - state.second < cast(:narrow as double precision) * whole.largest
                   or state.best = state.second
           ) as doubtful
      from whole
)
select counted.*, shown.*
  from counted
  left join lateral (
       select state.state_hash, state.visits, state.best, state.second, state.actions
         from state
        order by case cast(:by as text) when 'value' then state.best
                      when 'visits' then state.visits end desc,
                 case cast(:by as text) when 'doubt' then state.best - state.second end nulls last,
                 state.visits desc, state.state_hash
        limit :size offset :skip
       ) as shown on true
