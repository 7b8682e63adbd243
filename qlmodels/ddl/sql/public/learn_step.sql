-- One step of Q-learning (Watkins 1989): Q <- Q + alpha (r + gamma V' - Q), and what the actions
-- of the next state are worth after it, so that learning and choosing take one round trip.
-- The pair is locked before the next state is read, so that concurrent steps lose nothing.
-- V' is the maximum over the next state's actions; one that has no row counts as the agent
-- type's initial_q_value. Without p_next_action_hashes there are action_space_dimensions of them.
create or replace function public.learn_step(
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
    p_discount_factor double precision default null,
    p_reward_type text default null,
    p_reward_source text default null,
    p_step integer default null
) returns table (
    q_value double precision, td_error double precision, learning_rate double precision,
    visit_count integer, next_values double precision[], next_visits integer[]
)
language plpgsql volatile security invoker
set search_path = pg_catalog, pg_temp
set row_security = on
as $$
declare
    v_kind record;
    v_pair record;
    v_is_new boolean := false;
    v_next_value double precision := 0;
    v_known text[];         -- the next state's actions that have a row
    v_values double precision[];
    v_visits integer[];
    v_at integer;
begin
    select kind.learning_rate, kind.learning_rate_decay, kind.min_learning_rate,
           kind.discount_factor, kind.initial_q_value, kind.retention_days,
           kind.action_space_dimensions
      into v_kind
      from public.agent_types as kind
     where kind.agent_type = p_agent_type;
    if not found then
        raise insufficient_privilege using
            message = format('agent type %L is unknown, or this login does not speak for it', p_agent_type),
            hint = 'Connect by the login of that agent type, or choose it by acting_as().';
    elsif not p_terminated and p_next_state_hash is null then
        raise invalid_parameter_value using
            message = 'a step that does not terminate needs the hash of the next state',
            hint = 'Give p_next_state_hash, or p_terminated => true.';
    elsif not p_terminated and cardinality(p_next_action_hashes) = 0 then
        raise invalid_parameter_value using
            message = 'the next state has no legal action, yet the step does not terminate',
            hint = 'Give its actions, or p_terminated => true.';
    end if;

    loop
        select pair.q_value_id, pair.q_value, pair.visit_count,
               pair.state_data = p_state_data and pair.action_data = p_action_data as is_same
          into v_pair
          from public.q_values as pair
         where pair.agent_type = p_agent_type
           and pair.state_hash = p_state_hash
           and pair.action_hash = p_action_hash
           for update;
        exit when found;
        insert into public.q_values (
            agent_type, session_id, state_hash, state_data, action_hash, action_data, q_value, visit_count
        )
        values (
            p_agent_type, p_session_id, p_state_hash, p_state_data, p_action_hash, p_action_data,
            v_kind.initial_q_value, 0
        )
        on conflict (agent_type, state_hash, action_hash) do nothing;
        v_is_new := found;
    end loop;
    if not v_pair.is_same then
        raise sqlstate 'QL001' using
            message = format('pair %L, %L is stored with another state or action', p_state_hash, p_action_hash),
            hint = 'Hash every feature that the document holds, and nothing else.';
    end if;

    if p_terminated then
        null;
    elsif p_next_action_hashes is null then
        select greatest(
                   max(pair.q_value),
                   case when count(*) < v_kind.action_space_dimensions then v_kind.initial_q_value end
               )
          into v_next_value
          from public.q_values as pair
         where pair.agent_type = p_agent_type
           and pair.state_hash = p_next_state_hash
           and not (v_is_new and pair.q_value_id = v_pair.q_value_id);
    else
        select array_agg(pair.action_hash::text), array_agg(pair.q_value::double precision),
               array_agg(pair.visit_count::integer)
          into v_known, v_values, v_visits
          from public.q_values as pair
         where pair.agent_type = p_agent_type
           and pair.state_hash = p_next_state_hash
           and pair.action_hash = any (p_next_action_hashes);
        v_next_value := null;
        for i in 1..cardinality(p_next_action_hashes) loop
            v_at := array_position(v_known, p_next_action_hashes[i]);
            next_values[i] := coalesce(v_values[v_at], v_kind.initial_q_value);
            next_visits[i] := coalesce(v_visits[v_at], 0);
            v_next_value := greatest(v_next_value, next_values[i]);
        end loop;
    end if;

    learning_rate := greatest(
        v_kind.min_learning_rate,
        v_kind.learning_rate / power(v_pair.visit_count + 1, v_kind.learning_rate_decay)
    );
    td_error := p_reward
        + coalesce(p_discount_factor, v_kind.discount_factor) * v_next_value - v_pair.q_value;
    q_value := v_pair.q_value + learning_rate * td_error;
    visit_count := v_pair.visit_count + 1;

    update public.q_values as pair
       set q_value = learn_step.q_value,
           td_error = learn_step.td_error,
           visit_count = learn_step.visit_count,
           confidence_score = least(1, pair.confidence_score + 0.01),
           uncertainty = greatest(0, pair.uncertainty - 0.01),
           last_updated = now(),
           expires_at = now() + make_interval(days => v_kind.retention_days)
     where pair.agent_type = p_agent_type
       and pair.q_value_id = v_pair.q_value_id;

    if p_next_state_hash = p_state_hash and p_action_hash = any (p_next_action_hashes) then
        next_values[array_position(p_next_action_hashes, p_action_hash)] := q_value;
        next_visits[array_position(p_next_action_hashes, p_action_hash)] := visit_count;
    end if;

    if p_reward_type is not null then
        insert into public.rewards (
            agent_type, session_id, state_hash, action_hash, reward_value, step, reward_type, reward_source
        )
        values (
            p_agent_type, p_session_id, p_state_hash, p_action_hash, p_reward, p_step,
            p_reward_type, p_reward_source
        );
    end if;
    return next;
end $$;
