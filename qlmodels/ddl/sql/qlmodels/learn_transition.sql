-- One step of Q-learning (Watkins 1989): Q <- Q + alpha w (r + gamma V' - Q), and what the actions
-- of the next state are worth after it, so that learning and choosing take one round trip.
-- The pair is written only as long as it is what was read together with the next state: what
-- concurrent steps did in between is never lost, the step is made again, with the pair locked.
-- V' is what the next state's actions are worth under p_next_policy, by default the greedy one, which
-- makes it their maximum; an action that has no row counts as the agent type's initial_q_value.
-- Without p_next_action_hashes there are action_space_dimensions of them, and where that is null too,
-- the step is refused. Steps with a policy are serial where one reads what another writes.
create or replace function qlmodels.learn_transition(
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
    p_step integer default null,
    p_next_policy jsonb default null,
    p_learning_rate double precision default null,
    p_weight double precision default null
) returns table (
    q_value double precision, td_error double precision, learning_rate double precision,
    visit_count integer, next_values double precision[], next_visits integer[], is_new boolean
)
language plpgsql volatile security invoker
set search_path = pg_catalog, pg_temp
set row_security = on
as $$
declare
    v_read record;
    v_next_value double precision;
    v_step_size double precision;
    v_known double precision[];
    v_at integer;
    v_is_locked boolean := false;
begin
    if not p_terminated and p_next_state_hash is null then
        raise invalid_parameter_value using
            message = 'a step that does not terminate needs the hash of the next state',
            hint = 'Give p_next_state_hash, or p_terminated => true.';
    elsif not p_terminated and cardinality(p_next_action_hashes) = 0 then
        raise invalid_parameter_value using
            message = 'the next state has no legal action, yet the step does not terminate',
            hint = 'Give its actions, or p_terminated => true.';
    end if;

    if p_next_policy is not null or p_learning_rate is not null or p_weight is not null then
        perform qlmodels.check_step_options(p_next_policy, p_learning_rate, p_weight, p_next_action_hashes);
        if p_next_policy is not null and not p_terminated then
            p_next_action_hashes := coalesce(p_next_action_hashes, qlmodels.policy_actions(p_next_policy));
            perform qlmodels.lock_states(p_agent_type, array[p_state_hash], array[p_next_state_hash]);
        end if;
    end if;

    loop
        select kind.learning_rate, kind.learning_rate_decay, kind.min_learning_rate,
               kind.discount_factor, kind.initial_q_value, kind.action_space_dimensions,
               qlmodels.expiry(kind.retention_days) as expires_at,
               pair.q_value_id, coalesce(pair.q_value, kind.initial_q_value) as q_value,
               coalesce(pair.visit_count, 0) as visit_count,
               qlmodels.is_same_document(pair.state_data, p_state_data, p_state_hash)
               and qlmodels.is_same_document(pair.action_data, p_action_data, p_action_hash) as is_same,
               next.actions, next.q_values, next.visits
          into v_read
          from public.agent_types as kind
          left join public.q_values as pair
            on pair.agent_type = p_agent_type
           and pair.state_hash = p_state_hash
           and pair.action_hash = p_action_hash
          left join lateral (
               select array_agg(known.action_hash::text) as actions,
                      array_agg(known.q_value::double precision) as q_values,
                      array_agg(known.visit_count::integer) as visits
                 from public.q_values as known
                where known.agent_type = p_agent_type
                  and known.state_hash = p_next_state_hash
                  and known.action_hash = any (p_next_action_hashes)
          ) as next on not p_terminated
         where kind.agent_type = p_agent_type;
        if not found then
            raise insufficient_privilege using
                message = format('agent type %L is unknown, or this login does not speak for it', p_agent_type),
                hint = 'Connect by the login of that agent type, or choose it by acting_as().';
        elsif not v_read.is_same then
            raise sqlstate 'QL001' using
                message = format('pair %L, %L is stored with another state or action', p_state_hash, p_action_hash),
                hint = 'Hash every feature that the document holds, and nothing else.';
        end if;

        if p_terminated then
            v_next_value := 0;
        elsif p_next_action_hashes is null and v_read.action_space_dimensions is null then
            raise invalid_parameter_value using
                message = format('the legal actions of the next state are not known for agent type %L', p_agent_type),
                hint = 'Give p_next_action_hashes, or set action_space_dimensions, the number of its actions.',
                column = 'action_space_dimensions';
        elsif p_next_action_hashes is null and p_next_policy is not null then
            select array_agg(known.q_value::double precision)
              into v_known
              from public.q_values as known
             where known.agent_type = p_agent_type
               and known.state_hash = p_next_state_hash;
            v_next_value := qlmodels.policy_value(
                p_next_policy, null, v_known,
                v_read.action_space_dimensions - coalesce(cardinality(v_known), 0), v_read.initial_q_value
            );
        elsif p_next_action_hashes is null then
            select greatest(
                       max(known.q_value),
                       case when count(*) < v_read.action_space_dimensions then v_read.initial_q_value end
                   )
              into v_next_value
              from public.q_values as known
             where known.agent_type = p_agent_type
               and known.state_hash = p_next_state_hash;
        else
            v_next_value := null;
            for i in 1..cardinality(p_next_action_hashes) loop
                v_at := array_position(v_read.actions, p_next_action_hashes[i]);
                next_values[i] := coalesce(v_read.q_values[v_at], v_read.initial_q_value);
                next_visits[i] := coalesce(v_read.visits[v_at], 0);
                v_next_value := greatest(v_next_value, next_values[i]);
            end loop;
            if p_next_policy is not null then
                v_next_value := qlmodels.policy_value(
                    p_next_policy, p_next_action_hashes, next_values, 0, v_read.initial_q_value
                );
            end if;
        end if;

        visit_count := v_read.visit_count + 1;
        learning_rate := coalesce(
            p_learning_rate,
            qlmodels.learning_rate_at(
                v_read.learning_rate, v_read.learning_rate_decay, v_read.min_learning_rate, visit_count
            )
        );
        td_error := p_reward
            + qlmodels.product(coalesce(p_discount_factor, v_read.discount_factor), v_next_value)
            - v_read.q_value;
        v_step_size := qlmodels.product(learning_rate, coalesce(p_weight, 1));
        q_value := v_read.q_value + qlmodels.product(v_step_size, td_error);

        is_new := v_read.q_value_id is null;
        if is_new then
            insert into public.q_values (
                agent_type, session_id, state_hash, state_data, action_hash, action_data, q_value,
                td_error, visit_count, confidence_score, uncertainty, expires_at
            )
            values (
                p_agent_type, p_session_id, p_state_hash, p_state_data, p_action_hash, p_action_data,
                learn_transition.q_value, learn_transition.td_error, 1,
                qlmodels.confidence_after(0.5, 1), qlmodels.uncertainty_after(0.5, 1), v_read.expires_at
            )
            on conflict (agent_type, state_hash, action_hash) do nothing;
            exit when found;
        else
            update public.q_values as pair
               set q_value = learn_transition.q_value,
                   td_error = learn_transition.td_error,
                   visit_count = learn_transition.visit_count,
                   confidence_score = qlmodels.confidence_after(pair.confidence_score, 1),
                   uncertainty = qlmodels.uncertainty_after(pair.uncertainty, 1),
                   last_updated = now(),
                   expires_at = v_read.expires_at
             where pair.agent_type = p_agent_type
               and pair.q_value_id = v_read.q_value_id
               and pair.q_value = v_read.q_value
               and pair.visit_count = v_read.visit_count;
            exit when found or v_is_locked;
            perform
               from public.q_values as pair
              where pair.agent_type = p_agent_type
                and pair.q_value_id = v_read.q_value_id
                for update;
            v_is_locked := found;
        end if;
    end loop;

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
