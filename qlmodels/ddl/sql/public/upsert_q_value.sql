-- Store what an action is worth in a state; the pair's session and documents are the first writer's.
create or replace function public.upsert_q_value(
    p_agent_type text,
    p_state_hash text,
    p_state_data jsonb,
    p_action_hash text,
    p_action_data jsonb,
    p_q_value double precision,
    p_session_id uuid default null
) returns bigint
language plpgsql volatile security invoker
set search_path = pg_catalog, pg_temp
set row_security = on
as $$
declare
    v_expires_at timestamptz;
    v_id bigint;
begin
    select qlmodels.expiry(kind.retention_days)
      into v_expires_at
      from public.agent_types as kind
     where kind.agent_type = p_agent_type;

    -- most pairs are there already, and an UPDATE takes less than a conflict
    update public.q_values as pair
       set q_value = p_q_value,
           visit_count = pair.visit_count + 1,
           confidence_score = qlmodels.confidence_after(pair.confidence_score, 1),
           uncertainty = qlmodels.uncertainty_after(pair.uncertainty, 1),
           last_updated = now(),
           expires_at = v_expires_at
     where pair.agent_type = p_agent_type
       and pair.state_hash = p_state_hash
       and pair.action_hash = p_action_hash
    returning pair.q_value_id into v_id;
    if found then
        return v_id;
    end if;

    insert into public.q_values as pair (
        agent_type, session_id, state_hash, state_data, action_hash, action_data, q_value, expires_at
    )
    values (
        p_agent_type, p_session_id, p_state_hash, p_state_data, p_action_hash, p_action_data,
        p_q_value, v_expires_at
    )
    on conflict (agent_type, state_hash, action_hash) do update
       set q_value = excluded.q_value,
           visit_count = pair.visit_count + 1,
           confidence_score = qlmodels.confidence_after(pair.confidence_score, 1),
           uncertainty = qlmodels.uncertainty_after(pair.uncertainty, 1),
           last_updated = now(),
           expires_at = excluded.expires_at
    returning pair.q_value_id into v_id;

    return v_id;
end $$;
