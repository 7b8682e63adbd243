-- Refuse to take away the last active admin of the panel. Before a statement that may, the rows of
-- all active admins are locked in the order of their names, so that of two admins who remove each
-- other at once the second one waits, and then sees that the first one is gone.
create or replace function qlmodels.keep_an_admin() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    if tg_level = 'STATEMENT' then
        perform
           from qlmodels_admin.users
          where role = 'admin' and is_active
          order by name
            for no key update;
    elsif not exists (select from qlmodels_admin.users where role = 'admin' and is_active) then
        raise check_violation using
            message = format('%s is the last active admin', old.name),
            hint = 'Make another user an admin first.',
            schema = tg_table_schema, table = tg_table_name, constraint = tg_name;
    end if;
    return null;
end $$;
