-- Whether this transaction sees every agent type by policy: the owner, the panel, the service role.
create or replace function qlmodels.speaks_for_all() returns boolean
language plpgsql stable security definer parallel safe
set search_path = pg_catalog, pg_temp
as $$
declare
    v_role text := coalesce(nullif(current_setting('role'), 'none'), session_user::text);
begin
    return pg_has_role(v_role, 'qlmodels_definer', 'usage')
        or pg_has_role(v_role, 'qlmodels_panel', 'usage')
        or pg_has_role(v_role, 'service_role', 'usage');
end $$;
