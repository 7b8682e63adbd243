-- A change of columns that belong to the first writer, whose names are the arguments: an agent's is
-- refused. Logins that no agent type confines may correct them, and a foreign key sets them to null
-- as the table's owner.
create or replace function qlmodels.keep_first_writer() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    v_column text;
begin
    if qlmodels.confined_to() is null
       or current_user = (select pg_get_userbyid(relowner) from pg_class where oid = tg_relid)
    then
        return new;
    end if;
    select name into v_column
      from unnest(tg_argv) as name
     where to_jsonb(old) -> name is distinct from to_jsonb(new) -> name;
    raise insufficient_privilege using
        message = format('column %I of %I keeps what it was inserted with', v_column, tg_table_name),
        hint = 'Leave it out of the update, or send the value that the row has.',
        table = tg_table_name,
        column = v_column;
end $$;
