-- The agent type that this transaction speaks for; null if it sees every row by policy. Who speaks
-- for nobody gets an error, where an empty answer would mislead.
create or replace function qlmodels.speaking_for() returns text
language plpgsql stable security definer parallel safe
set search_path = pg_catalog, pg_temp
as $$
declare
    v_agent_type text := qlmodels.current_agent();
begin
    if v_agent_type is null and not qlmodels.speaks_for_all() then
        raise insufficient_privilege using
            message = format('login %I speaks for no agent type', session_user),
            hint = case when current_setting('role') = 'authenticated'
                then 'The token must name one: app_metadata.agent_type.'
                else 'Connect by the login of an agent type, or begin the transaction by '
                     'select qlmodels.act_as(''AGENT_TYPE'').'
            end;
    end if;
    return v_agent_type;
end $$;
