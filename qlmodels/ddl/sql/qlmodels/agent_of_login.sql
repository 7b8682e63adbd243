-- The agent type of an agent's login, in every role that it takes; null for other logins and for
-- functions of the definer. A constant in the plan of a statement: see is_unconfined().
create or replace function qlmodels.agent_of_login() returns text
language plpgsql immutable security invoker parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
    if starts_with(session_user::text, 'ql_') and current_user <> 'qlmodels_definer' then
        return substr(session_user::text, 4);
    end if;
    return null;
end $$;
