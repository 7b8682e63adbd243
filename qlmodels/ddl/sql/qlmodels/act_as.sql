-- Speak for an agent type until this transaction ends; refuses one that is unknown, inactive,
-- or not this login's to speak for.
create or replace function qlmodels.act_as(p_agent_type text) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set row_security = on
as $$
declare
    v_active boolean;
begin
    if qlmodels.speaks_for_all() then
        raise insufficient_privilege using
            message = format('login %I sees every row, so it cannot act as one agent type', session_user),
            hint = 'Connect by a login of that agent type or of an orchestrator; the panel says '
                   'set local role qlmodels_fleet first.';
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
    if qlmodels.current_agent() is distinct from p_agent_type then
        raise insufficient_privilege using
            message = format('login %I cannot act as agent type %L', session_user, p_agent_type),
            hint = 'It speaks for its own agent type only.';
    end if;
end $$;
