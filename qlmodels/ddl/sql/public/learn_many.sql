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
as $$
declare
    v_kind record;
    v_step record;
    v_new bigint[];         -- ids of the pairs that this batch makes
    v_ids bigint[];         -- one slot a pair: first those that are learned, by key
    v_values double precision[];  -- null until a pair of v_new is learned
    v_visits integer[];
    v_errors double precision[];
    v_slots integer[];      -- of each step, the slot of its pair
    v_next integer[];       -- of all steps, the slots of the next state's known actions
    v_ends integer[];       -- of each step, where its part of v_next ends
    v_learned integer;
    v_begin integer := 1;
    v_slot integer;
    v_known integer;
    v_next_value double precision;
    v_old double precision;
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

    select step.position, step.next_state_hash into v_step
      from qlmodels.learning_steps(p_steps) as step
     where not step.terminated
       and (step.next_state_hash is null or step.choices = 0)
     order by step.position
     limit 1;
    if found then
        raise invalid_parameter_value using
            message = format('step %s does not terminate and has no next state or no action in it', v_step.position),
            hint = 'Give next_state_hash and next_action_hashes, or terminated: true.';
    end if;

    with made as (
        insert into public.q_values (
            agent_type, session_id, state_hash, state_data, action_hash, action_data, q_value, visit_count
        )
        select p_agent_type, first.session_id, first.state_hash, first.state_data,
               first.action_hash, first.action_data, v_kind.initial_q_value, 0
          from (
               select distinct on (step.state_hash collate "C", step.action_hash collate "C") step.*
                 from qlmodels.learning_steps(p_steps) as step
                order by step.state_hash collate "C", step.action_hash collate "C", step.position
          ) as first
         where not exists (
               select from public.q_values as pair
                where pair.agent_type = p_agent_type
                  and pair.state_hash = first.state_hash
                  and pair.action_hash = first.action_hash
         )
         order by first.state_hash collate "C", first.action_hash collate "C"
        on conflict (agent_type, state_hash, action_hash) do nothing
        returning q_values.q_value_id
    )
    select array_agg(made.q_value_id) into v_new from made;

    with locked as materialized (
        select pair.*
          from (
               select distinct step.state_hash collate "C" as state_hash,
                      step.action_hash collate "C" as action_hash
                 from qlmodels.learning_steps(p_steps) as step
          ) as wanted
          join public.q_values as pair
            on pair.agent_type = p_agent_type
           and pair.state_hash = wanted.state_hash
           and pair.action_hash = wanted.action_hash
         order by pair.state_hash, pair.action_hash
           for update of pair
    ), numbered as materialized (
        select locked.*, row_number() over (order by locked.state_hash, locked.action_hash)::integer as slot
          from locked
    ), stepped as (
        select step.position, numbered.slot,
               numbered.state_data = step.state_data and numbered.action_data = step.action_data as is_same
          from qlmodels.learning_steps(p_steps) as step
          join numbered
            on numbered.state_hash = step.state_hash
           and numbered.action_hash = step.action_hash
    )
    select array_agg(numbered.q_value_id order by numbered.slot),
           array_agg(
               case when numbered.q_value_id = any (v_new) then null else numbered.q_value end
               order by numbered.slot
           ),
           array_agg(numbered.visit_count order by numbered.slot),
           array_agg(null::double precision),
           count(*),
           (select array_agg(stepped.slot order by stepped.position) from stepped),
           (select min(stepped.position) from stepped where not stepped.is_same)
      into v_ids, v_values, v_visits, v_errors, v_learned, v_slots, v_slot
      from numbered;
    if v_slot is not null then
        raise sqlstate 'QL001' using
            message = format(
                'pair %L, %L is stored with another state or action',
                p_steps -> (v_slot - 1) ->> 'state_hash', p_steps -> (v_slot - 1) ->> 'action_hash'
            ),
            hint = 'Hash every feature that the document holds, and nothing else.';
    end if;

    with reference as materialized (
        select step.position, pair.q_value_id, pair.q_value
          from qlmodels.learning_steps(p_steps) as step
          join public.q_values as pair
            on pair.agent_type = p_agent_type
           and pair.state_hash = step.next_state_hash
           and (step.next_action_hashes is null or step.next_action_hashes ? pair.action_hash)
         where not step.terminated
    ), slotted as materialized (
        select learned.q_value_id, learned.slot::integer as slot, null::double precision as q_value
          from unnest(v_ids) with ordinality as learned (q_value_id, slot)
        union all
        select other.q_value_id,
               v_learned + row_number() over (order by other.q_value_id)::integer,
               other.q_value
          from (
               select distinct reference.q_value_id, reference.q_value
                 from reference
                where reference.q_value_id <> all (v_ids)
          ) as other
    ), counted as (
        select step.position, count(reference.position)::integer as known
          from qlmodels.learning_steps(p_steps) as step
          left join reference on reference.position = step.position
         group by step.position
    ), summed as (
        select counted.position, sum(counted.known) over (order by counted.position)::integer as ends
          from counted
    )
    select (select array_agg(slotted.slot order by reference.position)
              from reference
              join slotted on slotted.q_value_id = reference.q_value_id),
           (select array_agg(summed.ends order by summed.position) from summed),
           v_values || (
               select array_agg(slotted.q_value order by slotted.slot)
                 from slotted
                where slotted.slot > v_learned
           )
      into v_next, v_ends, v_values;

    for v_step in
        select step.position, step.reward, step.terminated,
               coalesce(step.discount_factor, v_kind.discount_factor) as discount_factor,
               coalesce(step.choices, v_kind.action_space_dimensions) as choices
          from qlmodels.learning_steps(p_steps) as step
         order by step.position
    loop
        v_next_value := null;
        v_known := 0;
        foreach v_slot in array coalesce(v_next[v_begin:v_ends[v_step.position]], '{}') loop
            if v_values[v_slot] is not null then
                v_known := v_known + 1;
                v_next_value := greatest(v_next_value, v_values[v_slot]);
            end if;
        end loop;
        v_begin := v_ends[v_step.position] + 1;
        if v_step.terminated then
            v_next_value := 0;
        elsif v_known < v_step.choices then
            v_next_value := greatest(v_next_value, v_kind.initial_q_value);
        end if;

        v_slot := v_slots[v_step.position];
        v_old := coalesce(v_values[v_slot], v_kind.initial_q_value);
        visit_count := v_visits[v_slot] + 1;
        learning_rate := greatest(
            v_kind.min_learning_rate,
            v_kind.learning_rate / power(visit_count, v_kind.learning_rate_decay)
        );
        td_error := v_step.reward + v_step.discount_factor * v_next_value - v_old;
        q_value := v_old + learning_rate * td_error;
        v_values[v_slot] := q_value;
        v_visits[v_slot] := visit_count;
        v_errors[v_slot] := td_error;
        return next;
    end loop;

    update public.q_values as pair
       set q_value = learned.q_value,
           td_error = learned.td_error,
           visit_count = learned.visit_count,
           confidence_score = least(
               1, pair.confidence_score + 0.01 * (learned.visit_count - pair.visit_count)
           ),
           uncertainty = greatest(
               0, pair.uncertainty - 0.01 * (learned.visit_count - pair.visit_count)
           ),
           last_updated = now(),
           expires_at = now() + make_interval(days => v_kind.retention_days)
      from unnest(v_ids, v_values[:v_learned], v_visits, v_errors)
           as learned (q_value_id, q_value, visit_count, td_error)
     where pair.agent_type = p_agent_type
       and pair.q_value_id = learned.q_value_id;

    insert into public.rewards (
        agent_type, session_id, state_hash, action_hash, reward_value, step, reward_type, reward_source
    )
    select p_agent_type, step.session_id, step.state_hash, step.action_hash, step.reward,
           step.step, step.reward_type, step.reward_source
      from qlmodels.learning_steps(p_steps) as step
     where step.reward_type is not null
     order by step.position;
end $$;
