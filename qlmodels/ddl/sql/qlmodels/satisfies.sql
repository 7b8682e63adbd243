-- Whether a state meets the trigger conditions of a pattern: an object of features and what they
-- must be, `{"coverage": {"$lt": 0.8}, "language": "python"}`. A dotted name reaches into the
-- state. An operator that is not known here is not met. No conditions are always met.
create or replace function qlmodels.satisfies(p_state jsonb, p_conditions jsonb) returns boolean
language plpgsql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
declare
    v_name text;
    v_wanted jsonb;
    v_operator text;
    v_operand jsonb;
    v_found jsonb;
    v_met boolean;
begin
    if p_conditions is null or p_conditions = 'null' then
        return true;
    elsif jsonb_typeof(p_conditions) <> 'object' then
        return false;
    end if;
    for v_name, v_wanted in select * from jsonb_each(p_conditions) loop
        if v_name in ('$and', '$or', '$nor', '$not') then
            if v_name = '$not' then
                v_met := not qlmodels.satisfies(p_state, v_wanted);
            elsif jsonb_typeof(v_wanted) <> 'array' then
                v_met := false;
            else
                select case v_name
                           when '$and' then coalesce(bool_and(qlmodels.satisfies(p_state, part.conditions)), true)
                           when '$or' then coalesce(bool_or(qlmodels.satisfies(p_state, part.conditions)), false)
                           else not coalesce(bool_or(qlmodels.satisfies(p_state, part.conditions)), false)
                       end
                  into v_met
                  from jsonb_array_elements(v_wanted) as part (conditions);
            end if;
            if not v_met then
                return false;
            end if;
            continue;
        end if;

        v_found := coalesce(p_state -> v_name, p_state #> string_to_array(v_name, '.'));
        if jsonb_typeof(v_wanted) <> 'object' or not v_wanted @? '$.keyvalue() ? (@.key starts with "$")' then
            v_wanted := jsonb_build_object('$eq', v_wanted);
        end if;
        for v_operator, v_operand in select * from jsonb_each(v_wanted) loop
            v_met := case v_operator
                when '$eq' then v_found = v_operand
                when '$ne' then v_found is distinct from v_operand
                when '$exists' then (v_found is not null) = (v_operand = 'true')
                when '$in' then jsonb_typeof(v_operand) = 'array'
                    and exists (select from jsonb_array_elements(v_operand) as one (value) where one.value = v_found)
                when '$nin' then jsonb_typeof(v_operand) = 'array'
                    and not exists (select from jsonb_array_elements(v_operand) as one (value) where one.value = v_found)
                when '$contains' then v_found @> v_operand
                else jsonb_typeof(v_found) = jsonb_typeof(v_operand) and case v_operator
                    when '$lt' then v_found < v_operand
                    when '$lte' then v_found <= v_operand
                    when '$gt' then v_found > v_operand
                    when '$gte' then v_found >= v_operand
                    else false
                end
            end;
            if v_met is not true then
                return false;
            end if;
        end loop;
    end loop;
    return true;
end $$;
