-- Two versions of one agent type's Q-table, pair by pair; null is the Q-table as it is now. Counts of
-- all pairs, and of each kind the first $4. The greedy action is that of get_best_action.
with before as (
    select pair.state_hash collate "C" as state_hash, pair.action_hash collate "C" as action_hash,
           pair.q_value, pair.visits, pair.confidence
      from qlmodels_private.policy_parts as part
     cross join lateral unnest(
               part.state_hashes, part.action_hashes, part.q_values, part.visit_counts,
               part.confidence_scores
           ) as pair (state_hash, action_hash, q_value, visits, confidence)
     where part.agent_type = $1 and part.policy_version = $2::integer
    union all
    select pair.state_hash::text, pair.action_hash::text, pair.q_value::double precision,
           pair.visit_count::integer, pair.confidence_score::double precision
      from public.q_values as pair
     where pair.agent_type = $1 and $2::integer is null
), after as (
    select pair.state_hash collate "C" as state_hash, pair.action_hash collate "C" as action_hash,
           pair.q_value, pair.visits, pair.confidence
      from qlmodels_private.policy_parts as part
     cross join lateral unnest(
               part.state_hashes, part.action_hashes, part.q_values, part.visit_counts,
               part.confidence_scores
           ) as pair (state_hash, action_hash, q_value, visits, confidence)
     where part.agent_type = $1 and part.policy_version = $3::integer
    union all
    select pair.state_hash::text, pair.action_hash::text, pair.q_value::double precision,
           pair.visit_count::integer, pair.confidence_score::double precision
      from public.q_values as pair
     where pair.agent_type = $1 and $3::integer is null
), pair as materialized (
    select state_hash, action_hash,
           before.q_value as old, after.q_value as new,
           before.visits as old_visits, after.visits as new_visits,
           before.confidence as old_confidence, after.confidence as new_confidence
      from before
      full join after using (state_hash, action_hash)
), old_best as (
    select distinct on (state_hash) state_hash, action_hash, old as value
      from pair
     where old is not null
     order by state_hash, old desc, old_confidence desc, old_visits desc, action_hash
), new_best as (
    select distinct on (state_hash) state_hash, action_hash, new as value
      from pair
     where new is not null
     order by state_hash, new desc, new_confidence desc, new_visits desc, action_hash
), state as materialized (
    select state_hash, old_best.action_hash as old_action, old_best.value as old,
           new_best.action_hash as new_action, new_best.value as new
      from old_best
      join new_best using (state_hash)
), visited as (
    select state_hash, sum(coalesce(new_visits, old_visits)) as visits
      from pair
     group by state_hash
), turned as materialized (
    select state.*, visited.visits
      from state
      join visited using (state_hash)
     where state.old_action <> state.new_action
)
select count(*) filter (where pair.old is null) as made,
       count(*) filter (where pair.new is null) as lost,
       count(*) filter (
           where pair.old <> pair.new or pair.old_visits <> pair.new_visits
       ) as changed,
       count(*) as pairs,
       avg(abs(pair.new - pair.old)) as mean_change,
       (select count(*) from state) as states,
       (select count(*) from turned) as turned,
       (
           select jsonb_agg(to_jsonb(line) order by line.visits desc, line.state_hash)
             from (select * from turned order by visits desc, state_hash limit $4) as line
       )::text as turned_states,
       (
           select jsonb_agg(to_jsonb(line))
             from (
                  select state_hash, action_hash, new, new_visits as visits
                    from pair
                   where old is null
                   order by new_visits desc, state_hash, action_hash
                   limit $4
                  ) as line
       )::text as made_pairs,
       (
           select jsonb_agg(to_jsonb(line))
             from (
                  select state_hash, action_hash, old, old_visits as visits
                    from pair
                   where new is null
                   order by old_visits desc, state_hash, action_hash
                   limit $4
                  ) as line
       )::text as lost_pairs,
       (
           select jsonb_agg(to_jsonb(line))
             from (
                  select state_hash, action_hash, old, new, new_visits as visits
                    from pair
                   where old <> new
                   order by abs(new - old) desc, state_hash, action_hash
                   limit $4
                  ) as line
       )::text as changed_pairs
  from pair
