-- Refuse a step whose policy, learning rate or weight cannot be; p_legal are the legal actions of its
-- next state, null where they are not known.
create or replace function qlmodels.check_step_options(
    p_policy jsonb, p_learning_rate double precision, p_weight double precision, p_legal text[]
) returns void
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_kind text;
    v_parameter double precision;
    v_illegal text;
begin
    if not coalesce(p_learning_rate between 0 and 1, true) then
        raise invalid_parameter_value using
            message = format('the learning rate is %s', p_learning_rate),
            hint = 'Give a number between 0 and 1.';
    elsif not coalesce(p_weight >= 0 and p_weight < 'Infinity', true) then
        raise invalid_parameter_value using
            message = format('the weight is %s', p_weight),
            hint = 'Give a finite number of at least 0.';
    elsif p_policy is null then
        return;
    elsif jsonb_typeof(p_policy) = 'object' then
        select min(option.name) into v_kind from jsonb_object_keys(p_policy) as option (name) having count(*) = 1;
    end if;

    if v_kind in ('epsilon_greedy', 'softmax') and jsonb_typeof(p_policy -> v_kind) = 'number' then
        v_parameter := (p_policy ->> v_kind)::double precision;
        if v_kind = 'epsilon_greedy' and v_parameter between 0 and 1
           or v_kind = 'softmax' and v_parameter between 1e-100 and 1e100 then
            return;
        end if;
    elsif v_kind = 'probabilities' and jsonb_typeof(p_policy -> v_kind) = 'object'
          and not p_policy @? '$.probabilities.* ? (@.type() != "number" || @ < 0)' then
        select chosen.action
          into v_illegal
          from jsonb_object_keys(p_policy -> v_kind) as chosen (action)
         where chosen.action <> all (p_legal)
         limit 1;
        if v_illegal is not null then
            raise invalid_parameter_value using
                message = format('the policy gives a probability to action %L, which is not legal', v_illegal),
                hint = 'Give probabilities of the actions of the next state alone.';
        end if;
        select sum(chosen.probability::double precision)
          into v_parameter
          from jsonb_each_text(p_policy -> v_kind) as chosen (action, probability);
        if abs(v_parameter - 1) <= 1e-9 then
            return;
        end if;
    end if;
    raise invalid_parameter_value using
        message = format('%s is no policy', left(p_policy::text, 200)),
        hint = 'Give {"epsilon_greedy": 0 to 1}, {"softmax": above 0}, or {"probabilities": {hash: number, ...}} whose sum is 1.';
end $$;
