-- The agent type that an orchestrator's transaction has chosen, if its login may act as it.
-- The panel may act as any, to look through an agent's eyes.
create or replace function qlmodels.fleet_agent() returns text
language plpgsql stable security definer parallel safe
set search_path = pg_catalog, pg_temp
as $$
declare
    v_wanted text := nullif(current_setting('app.agent_type', true), '');
begin
    if v_wanted is null then
        return null;
    end if;
    if pg_has_role(session_user, 'qlmodels_panel', 'usage')
       or exists (
           select from qlmodels_private.fleet_grants as allowed
            where allowed.login = session_user
              and allowed.agent_type = v_wanted
       )
    then
        return v_wanted;
    end if;
    raise insufficient_privilege using
        message = format('login %I may not act as agent type %L', session_user, v_wanted),
        hint = 'Only the agent types that qlmodels login create --fleet NAME --may-act-as names.';
end $$;
