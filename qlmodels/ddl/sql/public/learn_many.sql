-- Many steps of Q-learning with the result of learn_step one by one, in their order: an array of
-- objects with the arguments of learn_step, without their prefix. Pairs that are learned are
-- made and locked in key order first, so that two batches never deadlock; each is written once.
create or replace function public.learn_many(p_agent_type text, p_steps jsonb)
returns table (
    q_value double precision, td_error double precision, learning_rate double precision,
    visit_count integer
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
    v_new bigint[];         -- ids of the pairs that this batch makes
    -- the pairs that are learned, by key, each in its slot
    v_ids bigint[];
    v_states jsonb[];
    v_actions jsonb[];
    v_values double precision[];  -- null until a pair of v_new is learned
    v_visits integer[];
    v_errors double precision[];
    v_slot integer;
    v_value double precision;
    v_known integer;
    v_choices integer;
    v_next_value double precision;
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

    with made as (
        insert into public.q_values (
            agent_type, session_id, state_hash, state_data, action_hash, action_data, q_value, visit_count
        )
        select p_agent_type, step.session_id, step.state_hash, step.state_data,
               step.action_hash, step.action_data, v_kind.initial_q_value, 0
          from qlmodels.learning_steps(p_steps) as step
         where step.is_first
           and (
               select true
                 from public.q_values as pair
                where pair.agent_type = p_agent_type
                  and pair.state_hash = step.state_hash
                  and pair.action_hash = step.action_hash
           ) is null
         order by step.slot
        on conflict (agent_type, state_hash, action_hash) do nothing
        returning q_values.q_value_id
    )
    select array_agg(made.q_value_id) into v_new from made;

    select array_agg(locked.q_value_id), array_agg(locked.state_data),
           array_agg(locked.action_data), array_agg(locked.visit_count),
           array_agg(
               case when locked.q_value_id = any (v_new) then null else locked.q_value end
           ),
           array_agg(null::double precision)
      into v_ids, v_states, v_actions, v_visits, v_values, v_errors
      from (
           select pair.*
             from (
                  select step.state_hash, step.action_hash
                    from qlmodels.learning_steps(p_steps) as step
                   where step.is_first
                   order by step.slot
             ) as wanted
            cross join lateral (
                  select stored.q_value_id, stored.state_data, stored.action_data,
                         stored.visit_count::integer, stored.q_value::double precision
                    from public.q_values as stored
                   where stored.agent_type = p_agent_type
                     and stored.state_hash = wanted.state_hash
                     and stored.action_hash = wanted.action_hash
                     for update
            ) as pair
      ) as locked;

    for v_step in
        select step.*, known.slots, known.q_values
          from qlmodels.learning_steps(p_steps) as step
         cross join lateral (
               select array_agg(array_position(v_ids, pair.q_value_id)) as slots,
                      array_agg(pair.q_value::double precision) as q_values
                 from public.q_values as pair
                where not step.terminated
                  and pair.agent_type = p_agent_type
                  and pair.state_hash = step.next_state_hash
                  and (step.next_action_hashes is null or step.next_action_hashes ? pair.action_hash)
         ) as known
         order by step.position
    loop
        if v_step.state_data <> v_states[v_step.slot] or v_step.action_data <> v_actions[v_step.slot] then
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
                end if;
            end loop;
            v_choices := v_kind.action_space_dimensions;
            if v_step.next_action_hashes is null and v_choices is null then
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
            if v_known < v_choices then
                v_next_value := greatest(v_next_value, v_kind.initial_q_value);
            end if;
        end if;

        v_slot := v_step.slot;
        v_value := coalesce(v_values[v_slot], v_kind.initial_q_value);
        visit_count := v_visits[v_slot] + 1;
        learning_rate := greatest(
            v_kind.min_learning_rate,
            v_kind.learning_rate / power(visit_count, v_kind.learning_rate_decay)
        );
        td_error := v_step.reward
            + coalesce(v_step.discount_factor, v_kind.discount_factor) * v_next_value - v_value;
        q_value := v_value + learning_rate * td_error;
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
