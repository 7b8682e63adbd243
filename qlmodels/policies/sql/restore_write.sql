-- After the plan: do it. A pair that somebody learned since stays as it is. One that comes back has its
-- number again, unless that is taken, and its session if that is still there.
, deleted as (
    delete from public.q_values as pair
     using doomed
     where pair.agent_type = $1 and pair.q_value_id = doomed.q_value_id
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
           expires_at = expiry.expires_at
      from other
     cross join expiry
     where pair.agent_type = $1 and pair.q_value_id = other.number
    returning pair.q_value_id
), renewed as (
    insert into public.q_values (
        agent_type, q_value_id, session_id, state_hash, state_data, action_hash, action_data,
        q_value, visit_count, confidence_score, uncertainty, td_error, last_updated, created_at,
        expires_at, metadata
    )
    overriding system value
    select $1, absent.q_value_id, absent.run_id, absent.state_hash, absent.state_data,
           absent.action_hash, absent.action_data, absent.q_value, absent.visit_count,
           absent.confidence_score, absent.uncertainty, absent.td_error, absent.last_updated,
           absent.created_at, expiry.expires_at, absent.metadata
      from absent
     cross join expiry
     where not absent.is_taken
     order by absent.state_hash collate "C", absent.action_hash collate "C"
    on conflict do nothing
    returning q_value_id
), renumbered as (
    insert into public.q_values (
        agent_type, session_id, state_hash, state_data, action_hash, action_data,
        q_value, visit_count, confidence_score, uncertainty, td_error, last_updated, created_at,
        expires_at, metadata
    )
    select $1, absent.run_id, absent.state_hash, absent.state_data,
           absent.action_hash, absent.action_data, absent.q_value, absent.visit_count,
           absent.confidence_score, absent.uncertainty, absent.td_error, absent.last_updated,
           absent.created_at, expiry.expires_at, absent.metadata
      from absent
     cross join expiry
     where absent.is_taken
     order by absent.state_hash collate "C", absent.action_hash collate "C"
    on conflict do nothing
    returning q_value_id
)
select (select count(*) from kept) as pairs,
       (select count(*) from other) as changed,
       (select count(*) from absent) as returned,
       (select count(*) from doomed) as removed,
       (select count(*) from updated) + (select count(*) from deleted)
           + (select count(*) from renewed) + (select count(*) from renumbered) as written
