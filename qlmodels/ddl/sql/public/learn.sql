-- One step of Q-learning (Watkins 1989): Q <- Q + alpha (r + gamma max Q(s', a') - Q).
-- The pair is locked before the next state is read, so that concurrent steps lose nothing.
-- An action of the next state that was never tried counts as the agent type's initial_q_value.
create or replace function public.learn(
    p_agent_type text,
    p_state_hash text,
    p_state_data jsonb,
    p_action_hash text,
    p_action_data jsonb,
    p_reward double precision,
    p_next_state_hash text default null,
    p_next_action_hashes text[] default null,
    p_terminated boolean default false,
    p_session_id uuid default null,
    p_discount_factor double precision default null
) returns double precision
language plpgsql volatile security invoker
set search_path = pg_catalog, pg_temp
set row_security = on
as $$
declare
    v_kind record;
    v_pair record;
    v_next_value double precision := 0;
    v_td_error double precision;
    v_alpha double precision;
    v_q_value double precision;
begin
    select kind.learning_rate, kind.learning_rate_decay, kind.min_learning_rate,
           kind.discount_factor, kind.initial_q_value, kind.retention_days
      into v_kind
      from public.agent_types as kind
     where kind.agent_type = p_agent_type;
    if not found then
        raise insufficient_privilege using
            message = format('agent type %L is unknown, or this login does not speak for it', p_agent_type),
            hint = 'Connect by the login of that agent type, or choose it by acting_as().';
    end if;

    select pair.q_value_id, pair.q_value, pair.visit_count
      into v_pair
      from public.q_values as pair
     where pair.agent_type = p_agent_type
       and pair.state_hash = p_state_hash
       and pair.action_hash = p_action_hash
       for update;
    if not found then
        insert into public.q_values (
            agent_type, session_id, state_hash, state_data, action_hash, action_data, q_value, visit_count
        )
        values (
            p_agent_type, p_session_id, p_state_hash, p_state_data, p_action_hash, p_action_data,
            v_kind.initial_q_value, 0
        )
        on conflict (agent_type, state_hash, action_hash) do nothing;
        select pair.q_value_id, pair.q_value, pair.visit_count
          into strict v_pair
          from public.q_values as pair
         where pair.agent_type = p_agent_type
           and pair.state_hash = p_state_hash
           and pair.action_hash = p_action_hash
           for update;
    end if;

    if not p_terminated then
        if p_next_action_hashes is null then
            select coalesce(max(pair.q_value), v_kind.initial_q_value)
              into v_next_value
              from public.q_values as pair
             where pair.agent_type = p_agent_type
               and pair.state_hash = p_next_state_hash;
        else
            select coalesce(max(coalesce(pair.q_value, v_kind.initial_q_value)), 0)
              into v_next_value
              from unnest(p_next_action_hashes) as legal (action_hash)
              left join public.q_values as pair
                on pair.agent_type = p_agent_type
               and pair.state_hash = p_next_state_hash
               and pair.action_hash = legal.action_hash;
        end if;
    end if;

    v_alpha := greatest(
        v_kind.min_learning_rate,
        v_kind.learning_rate / power(v_pair.visit_count + 1, v_kind.learning_rate_decay)
    );
    v_td_error := p_reward
        + coalesce(p_discount_factor, v_kind.discount_factor) * v_next_value - v_pair.q_value;

    update public.q_values as pair
       set q_value = v_pair.q_value + v_alpha * v_td_error,
           td_error = v_td_error,
           visit_count = pair.visit_count + 1,
           confidence_score = least(1, pair.confidence_score + 0.01),
           uncertainty = greatest(0, pair.uncertainty - 0.01),
           last_updated = now(),
           expires_at = now() + make_interval(days => v_kind.retention_days)
     where pair.agent_type = p_agent_type
       and pair.q_value_id = v_pair.q_value_id
    returning pair.q_value into v_q_value;

    return v_q_value;
end $$;
