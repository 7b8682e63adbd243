-- Sign a user out everywhere, and let none of their sign-in links work any more.
create or replace function qlmodels.end_sessions() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    delete from qlmodels_admin.sessions where user_name = new.name;
    delete from qlmodels_admin.sign_in_links where user_name = new.name;
    return null;
end $$;
