-- What a state is worth where actions are chosen by a policy, whose options check_step_options has
-- checked: the values of the actions that have one, and p_untried more that count as p_initial. An
-- action that is listed twice is one.
create or replace function qlmodels.policy_value(
    p_policy jsonb, p_actions text[], p_values double precision[], p_untried integer,
    p_initial double precision
) returns double precision
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_parameter double precision;
    v_best double precision;
    v_sum double precision;
    v_count integer;
    v_untried integer := greatest(p_untried, 0);
begin
    if p_policy ? 'probabilities' then
        return (
            select sum(
                       qlmodels.product(
                           chosen.probability::double precision,
                           coalesce(p_values[array_position(p_actions, chosen.action)], p_initial)
                       )
                   )
              from jsonb_each_text(p_policy -> 'probabilities') as chosen (action, probability)
        );
    end if;

    if p_actions is not null then
        p_values := array(
            select given.q_value
              from unnest(p_actions, p_values) with ordinality as given (action, q_value, position)
             where array_position(p_actions, given.action) = given.position
        );
    end if;
    select greatest(max(known.q_value), case when v_untried > 0 then p_initial end),
           coalesce(sum(known.q_value), 0) + v_untried * p_initial, count(*) + v_untried
      into v_best, v_sum, v_count
      from unnest(p_values) as known (q_value);

    if p_policy ? 'epsilon_greedy' then
        v_parameter := (p_policy ->> 'epsilon_greedy')::double precision;
        return qlmodels.product(1 - v_parameter, v_best)
            + qlmodels.product(v_parameter, qlmodels.mean_of(v_sum, v_count));
    end if;

    v_parameter := (p_policy ->> 'softmax')::double precision;
    return (
        select sum(qlmodels.product(action.number * action.weight, action.q_value))
               / sum(action.number * action.weight)
          from (
               select choice.number, choice.q_value,
                      case
                          when v_best - choice.q_value < 1e-200 then 1
                          when v_best - choice.q_value > 700 * v_parameter then 0
                          else exp((choice.q_value - v_best) / v_parameter)
                      end as weight
                 from (
                      select 1, known.q_value from unnest(p_values) as known (q_value)
                       union all
                      select v_untried, p_initial where v_untried > 0
                 ) as choice (number, q_value)
          ) as action
    );
end $$;
