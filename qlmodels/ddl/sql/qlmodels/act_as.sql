-- Speak for an agent type until this transaction ends; refuses one that is unknown, inactive,
-- or not this login's to speak for.
create or replace function qlmodels.act_as(p_agent_type text) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_active boolean;
begin
    if session_user like 'ql\_%' and substr(session_user::text, 4) is distinct from p_agent_type then
        raise insufficient_privilege using
            message = format('login %I cannot act as agent type %L', session_user, p_agent_type),
            hint = 'An agent''s login speaks for its own agent type only.';
    end if;

    select kind.is_active into v_active
      from public.agent_types as kind
     where kind.agent_type = p_agent_type;
    if not found then
        raise no_data_found using
            message = format('agent type %L is unknown', p_agent_type),
            hint = 'Insert it into agent_types first.';
    elsif not v_active then
        raise object_not_in_prerequisite_state using
            message = format('agent type %L is inactive', p_agent_type),
            hint = 'Set is_active in agent_types to let it act again.';
    end if;

    perform set_config('app.agent_type', p_agent_type, true);
    if session_user not like 'ql\_%' then
        perform qlmodels.fleet_agent();
    end if;
end $$;
