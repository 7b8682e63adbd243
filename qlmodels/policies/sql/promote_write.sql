-- After the plan: do it. A pair that was learned since stays as it is.
, deleted as (
    delete from public.q_values as pair
     using doomed
     where pair.agent_type = $2 and pair.q_value_id = doomed.q_value_id
    returning pair.q_value_id
), updated as (
    update public.q_values as pair
       set state_data = other.state_data,
           action_data = other.action_data,
           q_value = other.q_value,
           visit_count = other.visit_count,
           confidence_score = other.confidence_score,
           uncertainty = other.uncertainty,
           td_error = other.td_error,
           last_updated = other.last_updated,
           metadata = other.metadata,
           session_id = null,
           expires_at = expiry.expires_at
      from other
     cross join expiry
     where pair.agent_type = $2 and pair.q_value_id = other.number
    returning pair.q_value_id
), made as (
    insert into public.q_values (
        agent_type, state_hash, state_data, action_hash, action_data, q_value, visit_count,
        confidence_score, uncertainty, td_error, last_updated, expires_at, metadata
    )
    select $2, absent.state_hash, absent.state_data, absent.action_hash, absent.action_data,
           absent.q_value, absent.visit_count, absent.confidence_score, absent.uncertainty,
           absent.td_error, absent.last_updated, expiry.expires_at, absent.metadata
      from absent
     cross join expiry
     order by absent.state_hash collate "C", absent.action_hash collate "C"
    on conflict do nothing
    returning q_value_id
)
select (select count(*) from given) as pairs,
       (select count(*) from other) as changed,
       (select count(*) from absent) as made,
       (select count(*) from doomed) as removed,
       (select count(*) from updated) + (select count(*) from deleted)
           + (select count(*) from made) as written
