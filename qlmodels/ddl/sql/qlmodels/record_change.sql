-- Write a change of one row, or the truncation of a table, to the audit log. Of an update only the
-- columns that changed are kept; a column that is in neither document held NULL before and after,
-- or did not change. The trigger's arguments name columns whose values are secret.
create or replace function qlmodels.record_change() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
set extra_float_digits = 1
as $$
declare
    v_from_panel boolean := session_user like 'qlpanel\_%';
    v_row jsonb;
    v_old jsonb;
    v_new jsonb;
    v_key jsonb;
    v_name text;
begin
    if tg_op in ('UPDATE', 'DELETE') then
        v_old := qlmodels.row_values(old, tg_relid);
    end if;
    if tg_op in ('INSERT', 'UPDATE') then
        v_new := qlmodels.row_values(new, tg_relid);
    end if;
    v_row := coalesce(v_old, v_new);

    if v_row is not null then
        select jsonb_object_agg(attribute.attname, v_row -> attribute.attname)
          into v_key
          from pg_index as key
          join pg_attribute as attribute
            on attribute.attrelid = key.indrelid and attribute.attnum = any (key.indkey)
         where key.indrelid = tg_relid and key.indisprimary;
    end if;

    if tg_op = 'UPDATE' then
        -- as text, for documents that are equal may differ in the digits of their numbers
        select coalesce(jsonb_object_agg(field.key, field.value), '{}')
          into v_old
          from jsonb_each(v_old) as field
         where (v_new -> field.key)::text is distinct from field.value::text;
        select coalesce(jsonb_object_agg(field.key, field.value), '{}')
          into v_new
          from jsonb_each(v_new) as field
         where v_old ? field.key or (v_row -> field.key) is null;
        if v_old = '{}' and v_new = '{}' then
            return null;
        end if;
    end if;

    foreach v_name in array coalesce(tg_argv, '{}') loop
        v_old := case when v_old ? v_name then v_old || jsonb_build_object(v_name, 'secret') else v_old end;
        v_new := case when v_new ? v_name then v_new || jsonb_build_object(v_name, 'secret') else v_new end;
    end loop;

    insert into qlmodels_private.audit_log (
        changed_at, transaction_id, login, panel_user, note,
        table_name, row_key, operation, old_values, new_values
    ) values (
        clock_timestamp(),
        pg_current_xact_id()::text::bigint,
        session_user,
        case when v_from_panel then nullif(current_setting('app.panel_user', true), '') end,
        case when v_from_panel then nullif(current_setting('app.panel_note', true), '') end,
        case when tg_table_schema = 'public' then tg_table_name
             else tg_table_schema || '.' || tg_table_name end,
        v_key,
        lower(tg_op),
        v_old,
        v_new
    );
    return null;
end $$;
