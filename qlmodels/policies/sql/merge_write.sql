-- After the plan: do it, unless a pair clashes. One that $2 learned since it was locked stays as it is.
, updated as (
    update public.q_values as pair
       set q_value = other.q_value,
           visit_count = other.visits,
           confidence_score = other.confidence,
           uncertainty = other.uncertainty,
           td_error = other.td_error,
           last_updated = now(),
           expires_at = expiry.expires_at
      from other
     cross join expiry
     where not exists (select from clash)
       and pair.agent_type = $2
       and pair.q_value_id = other.number
    returning pair.q_value_id
), made as (
    insert into public.q_values (
        agent_type, state_hash, state_data, action_hash, action_data, q_value, visit_count,
        confidence_score, uncertainty, td_error, expires_at, metadata
    )
    select $2, met.state_hash, met.state_data, met.action_hash, met.action_data, met.q_value,
           met.visits, met.confidence, met.uncertainty, met.td_error, expiry.expires_at,
           met.metadata
      from met
     cross join expiry
     where not exists (select from clash)
       and met.number is null
     order by met.state_hash, met.action_hash
    on conflict do nothing
    returning q_value_id
)
select (select count(*) from given) as pairs,
       (select count(*) from met where met.number is null) as made,
       (select count(*) from other) as changed,
       (select pair from clash) as clash,
       (select count(*) from updated) + (select count(*) from made) as written
