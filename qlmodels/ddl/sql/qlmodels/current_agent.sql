-- The one agent type that this transaction speaks for, by what SQL cannot change: the login's
-- name, else the verified token of an API request, else an orchestrator's choice among its grants.
create or replace function qlmodels.current_agent() returns text
language plpgsql stable security definer parallel safe
set search_path = pg_catalog, pg_temp
as $$
declare
    v_role text := coalesce(nullif(current_setting('role'), 'none'), session_user::text);
begin
    if starts_with(session_user::text, 'ql_') then
        return substr(session_user::text, 4);
    elsif v_role = 'authenticated' then
        return nullif(current_setting('request.jwt.claims', true), '')::jsonb
               #>> '{app_metadata,agent_type}';
    elsif pg_has_role(v_role, 'qlmodels_fleet', 'usage') and not qlmodels.speaks_for_all() then
        return qlmodels.fleet_agent();
    end if;
    return null;
end $$;
