-- The agent type whose rows this transaction may reach at most, whatever policies and grants exist;
-- '' where it may reach none; null where no such limit applies: for logins that see every row, for
-- functions of the definer, and for logins that are not ours, which permissive policies must admit.
create or replace function qlmodels.confined_to() returns text
language plpgsql stable security invoker parallel safe
set search_path = pg_catalog, pg_temp
as $$
declare
    v_role name := coalesce(nullif(current_setting('role'), 'none'), session_user);
begin
    if current_user = 'qlmodels_definer' and v_role <> 'qlmodels_definer' then
        return null;  -- the function itself decides whose rows it returns
    elsif starts_with(session_user::text, 'ql_') then
        return substr(session_user::text, 4);
    elsif starts_with(session_user::text, 'qlfleet_') or v_role = 'qlmodels_fleet' then
        return coalesce(qlmodels.fleet_agent(), '');
    elsif v_role = 'authenticated' then
        return coalesce(qlmodels.current_agent(), '');
    elsif v_role = 'anon' then
        return '';
    elsif qlmodels.speaks_for_all() or pg_has_role(v_role, 'analytics_role', 'usage') then
        return null;
    elsif pg_has_role(v_role, 'qlmodels_fleet', 'usage') then
        return coalesce(qlmodels.fleet_agent(), '');
    elsif pg_has_role(v_role, 'qlmodels_agent', 'member')
          or pg_has_role(v_role, 'authenticated', 'member')
          or pg_has_role(v_role, 'anon', 'member')
    then
        return '';  -- its name is not an agent's, or it could still choose an API role
    end if;
    return null;
end $$;
