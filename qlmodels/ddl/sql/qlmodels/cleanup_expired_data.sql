create or replace function qlmodels.cleanup_expired_data()
returns table (table_name text, deleted_count bigint)
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set row_security = on
as $$
declare
    v_agent_type text := qlmodels.current_agent();
begin
    if v_agent_type is null and not qlmodels.speaks_for_all() then
        raise insufficient_privilege using
            message = format('login %I speaks for no agent type, so it may delete nothing', session_user),
            hint = 'Connect by the login of an agent type or by the owner of the tables.';
    end if;

    delete from public.q_values as expired
     where expired.expires_at < now()
       and (v_agent_type is null or expired.agent_type = v_agent_type);
    table_name := 'q_values';
    get diagnostics deleted_count = row_count;
    return next;

    delete from public.trajectories as expired
     where expired.expires_at < now()
       and (v_agent_type is null or expired.agent_type = v_agent_type);
    table_name := 'trajectories';
    get diagnostics deleted_count = row_count;
    return next;

    delete from public.patterns as expired
     where expired.expires_at < now()
       and (v_agent_type is null or expired.agent_type = v_agent_type);
    table_name := 'patterns';
    get diagnostics deleted_count = row_count;
    return next;
end $$;
