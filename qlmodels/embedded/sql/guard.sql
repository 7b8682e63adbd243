-- DROP OWNED BY a group takes the group's policies away, whoever owns the tables, and each of its
-- members may say it. Only a superuser may create an event trigger; whoever may create roles is
-- trusted with them anyway.
create schema if not exists safeguards;

create or replace function safeguards.refuse_drop_owned() returns event_trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    if not exists (
        select from pg_roles
         where rolname = session_user
           and (rolsuper or rolcreaterole)
    ) then
        raise insufficient_privilege using
            message = format('login %I may not drop what a group owns', session_user),
            hint = 'It would take the policies of everybody in the group away.';
    end if;
end $$;

do $$ begin
    if not exists (select from pg_catalog.pg_event_trigger where evtname = 'refuse_drop_owned') then
        create event trigger refuse_drop_owned on ddl_command_start
            when tag in ('DROP OWNED')
            execute function safeguards.refuse_drop_owned();
    end if;
end $$;
