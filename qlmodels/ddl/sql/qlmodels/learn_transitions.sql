-- Many steps of Q-learning with the result of learn_transition one by one, in their order: an array
-- of objects with the arguments of learn_transition, without their prefix. Pairs that are learned are
-- made and locked in key order first, so that two batches never deadlock; each is written once.
create or replace function qlmodels.learn_transitions(p_agent_type text, p_steps jsonb)
returns table (
    q_value double precision, td_error double precision, learning_rate double precision,
    visit_count integer, is_new boolean
)
language plpgsql volatile security invoker
set search_path = pg_catalog, pg_temp
set row_security = on
set enable_hashjoin = off  -- pairs are looked up by key, however little the planner knows yet
set enable_mergejoin = off
set enable_bitmapscan = off
set enable_seqscan = off
as $$
declare
    v_kind record;
    v_step record;
    v_has_options boolean;  -- whether any step has a policy, a rate or a weight of its own
    v_options jsonb;
    v_policy jsonb;
    v_rate double precision;
    v_weight double precision := 1;
    -- the pairs that are learned, by key, each in its slot
    v_ids bigint[];
    v_states jsonb[];
    v_actions jsonb[];
    v_values double precision[];  -- null until a new pair is learned
    v_new boolean[];
    v_visits integer[];
    v_errors double precision[];
    v_slot integer;
    v_value double precision;
    v_known integer;
    v_choices integer;
    v_known_actions text[];
    v_known_values double precision[];
    v_next_value double precision;
    v_step_size double precision;
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
    end if;

    v_has_options := p_steps @? '$[*] ? (exists(@.next_policy) || exists(@.learning_rate) || exists(@.weight))';
    if v_has_options and p_steps @? '$[*].next_policy ? (@ != null)' then
        perform qlmodels.lock_states(
                    p_agent_type, array_agg(step.state_hash), array_agg(step.next_state_hash)
                )
           from qlmodels.learning_steps(p_steps) as step;
    end if;

    select locked.ids, locked.states, locked.actions, locked.visits, locked.q_values, locked.are_new
      into v_ids, v_states, v_actions, v_visits, v_values, v_new
      from qlmodels.lock_pairs(p_agent_type, p_steps, v_kind.initial_q_value) as locked;
    v_errors := array_fill(null::double precision, array[cardinality(v_ids)]);

    for v_step in
        select step.*, known.slots, known.q_values, known.actions
          from qlmodels.learning_steps(p_steps) as step
         cross join lateral (
               select array_agg(array_position(v_ids, pair.q_value_id)) as slots,
                      array_agg(pair.q_value::double precision) as q_values,
                      array_agg(pair.action_hash::text) filter (where v_has_options) as actions
                 from public.q_values as pair
                where not step.terminated
                  and pair.agent_type = p_agent_type
                  and pair.state_hash = step.next_state_hash
                  and (step.next_action_hashes is null or step.next_action_hashes ? pair.action_hash)
         ) as known
         order by step.position
    loop
        if (v_step.state_data <> v_states[v_step.slot] or v_step.action_data <> v_actions[v_step.slot])
            and not (
                qlmodels.is_same_document(v_states[v_step.slot], v_step.state_data, v_step.state_hash)
                and qlmodels.is_same_document(v_actions[v_step.slot], v_step.action_data, v_step.action_hash)
            )
        then
            raise sqlstate 'QL001' using
                message = format(
                    'pair %L, %L is stored with another state or action',
                    v_step.state_hash, v_step.action_hash
                ),
                hint = 'Hash every feature that the document holds, and nothing else.';
        elsif not v_step.terminated and (v_step.next_state_hash is null or v_step.next_action_hashes = '[]') then
            raise invalid_parameter_value using
                message = format(
                    'step %s does not terminate and has no next state or no action in it',
                    v_step.position
                ),
                hint = 'Give next_state_hash and next_action_hashes, or terminated: true.';
        end if;

        if v_has_options then
            v_options := p_steps -> v_step.position::integer - 1;
            v_policy := nullif(v_options -> 'next_policy', 'null');
            v_rate := (v_options ->> 'learning_rate')::double precision;
            v_weight := coalesce((v_options ->> 'weight')::double precision, 1);
            v_known_actions := '{}';
            v_known_values := '{}';
            perform qlmodels.check_step_options(
                        v_policy, v_rate, v_weight,
                        (
                            select array_agg(legal.action_hash)
                              from jsonb_array_elements_text(v_step.next_action_hashes) as legal (action_hash)
                        )
                    );
        end if;

        v_next_value := 0;
        if not v_step.terminated then
            v_next_value := null;
            v_known := 0;
            for i in 1..coalesce(cardinality(v_step.slots), 0) loop
                v_slot := v_step.slots[i];
                v_value := v_step.q_values[i];
                if v_slot is not null then
                    v_value := v_values[v_slot];
                end if;
                if v_value is not null then
                    v_known := v_known + 1;
                    v_next_value := greatest(v_next_value, v_value);
                    if v_policy is not null then
                        v_known_actions := v_known_actions || v_step.actions[i];
                        v_known_values := v_known_values || v_value;
                    end if;
                end if;
            end loop;
            v_choices := v_kind.action_space_dimensions;
            if v_step.next_action_hashes is null and v_choices is null
               and qlmodels.policy_actions(v_policy) is null then
                raise invalid_parameter_value using
                    message = format(
                        'step %s: the legal actions of the next state are not known for agent type %L',
                        v_step.position, p_agent_type
                    ),
                    hint = 'Give next_action_hashes, or set action_space_dimensions, the number of its actions.',
                    column = 'action_space_dimensions';
            elsif v_step.next_action_hashes is not null then
                v_choices := jsonb_array_length(v_step.next_action_hashes);
                if v_known < v_choices then  -- an action that is listed twice is one
                    select count(distinct legal.action_hash) into v_choices
                      from jsonb_array_elements_text(v_step.next_action_hashes) as legal (action_hash);
                end if;
            end if;
            if v_policy is not null then
                v_next_value := qlmodels.policy_value(
                    v_policy, v_known_actions, v_known_values, v_choices - v_known, v_kind.initial_q_value
                );
            elsif v_known < v_choices then
                v_next_value := greatest(v_next_value, v_kind.initial_q_value);
            end if;
        end if;

        v_slot := v_step.slot;
        v_value := coalesce(v_values[v_slot], v_kind.initial_q_value);
        visit_count := v_visits[v_slot] + 1;
        learning_rate := coalesce(
            v_rate,
            qlmodels.learning_rate_at(
                v_kind.learning_rate, v_kind.learning_rate_decay, v_kind.min_learning_rate, visit_count
            )
        );
        td_error := v_step.reward
            + qlmodels.product(coalesce(v_step.discount_factor, v_kind.discount_factor), v_next_value)
            - v_value;
        v_step_size := qlmodels.product(learning_rate, v_weight);
        q_value := v_value + qlmodels.product(v_step_size, td_error);
        is_new := v_step.is_first and v_new[v_slot];
        v_values[v_slot] := q_value;
        v_visits[v_slot] := visit_count;
        v_errors[v_slot] := td_error;
        return next;
    end loop;

    update public.q_values as pair
       set q_value = v_values[array_position(v_ids, pair.q_value_id)],
           td_error = v_errors[array_position(v_ids, pair.q_value_id)],
           visit_count = v_visits[array_position(v_ids, pair.q_value_id)],
           confidence_score = qlmodels.confidence_after(
               pair.confidence_score, v_visits[array_position(v_ids, pair.q_value_id)] - pair.visit_count
           ),
           uncertainty = qlmodels.uncertainty_after(
               pair.uncertainty, v_visits[array_position(v_ids, pair.q_value_id)] - pair.visit_count
           ),
           last_updated = now(),
           expires_at = qlmodels.expiry(v_kind.retention_days)
     where pair.agent_type = p_agent_type
       and pair.q_value_id = any (v_ids);

    if p_steps @? '$[*].reward_type ? (@ != null)' then
        insert into public.rewards (
            agent_type, session_id, state_hash, action_hash, reward_value, step, reward_type,
            reward_source
        )
        select p_agent_type, step.session_id, step.state_hash, step.action_hash, step.reward,
               step.step, step.reward_type, step.reward_source
          from qlmodels.learning_steps(p_steps) as step
         where step.reward_type is not null
         order by step.position;
    end if;
end $$;
