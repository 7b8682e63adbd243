-- Write a change of one row, or the truncation of a table, to the audit log. Of an update only the
-- columns that changed are kept; a column that is in neither document held NULL before and after,
-- or did not change. The trigger's arguments are arrays of names: the columns of the primary key,
-- those that hold documents, and those whose values are secret. To look the first two up would
-- take longer than the rest.
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
    v_old_nulls text[] := '{}';  -- columns whose document is JSON's own null, which is not SQL's
    v_new_nulls text[] := '{}';
    v_name text;
    v_is_document boolean;
begin
    if tg_op in ('UPDATE', 'DELETE') then
        v_old := to_jsonb(old);
    end if;
    if tg_op in ('INSERT', 'UPDATE') then
        v_new := to_jsonb(new);
    end if;
    v_row := coalesce(v_old, v_new);

    if v_row is not null then
        foreach v_name in array tg_argv[0]::text[] loop
            v_key := coalesce(v_key, '{}') || jsonb_build_object(v_name, v_row -> v_name);
        end loop;
        foreach v_name in array tg_argv[1]::text[] loop
            if v_old -> v_name = 'null' then
                execute format('select ($1).%I is not null', v_name) into v_is_document using old;
                v_old_nulls := v_old_nulls || array(select v_name where v_is_document);
            end if;
            if v_new -> v_name = 'null' then
                execute format('select ($1).%I is not null', v_name) into v_is_document using new;
                v_new_nulls := v_new_nulls || array(select v_name where v_is_document);
            end if;
        end loop;
    end if;

    if tg_op = 'UPDATE' then
        -- as text, for documents that are equal may differ in the digits of their numbers
        select jsonb_object_agg(field.key, field.value)
                   filter (where field.value <> 'null' or field.key = any (v_old_nulls)),
               jsonb_object_agg(field.key, v_new -> field.key)
                   filter (where v_new -> field.key <> 'null' or field.key = any (v_new_nulls))
          into v_old, v_new
          from jsonb_each(v_old) as field
         where field.value::text <> (v_new -> field.key)::text
            or (field.key = any (v_old_nulls)) <> (field.key = any (v_new_nulls));
        if v_old is null and v_new is null then
            return null;
        end if;
        v_old := coalesce(v_old, '{}');
        v_new := coalesce(v_new, '{}');
    else
        v_old := v_old - array(
            select field.key
              from jsonb_each(v_old) as field
             where field.value = 'null' and field.key <> all (v_old_nulls)
        );
        v_new := v_new - array(
            select field.key
              from jsonb_each(v_new) as field
             where field.value = 'null' and field.key <> all (v_new_nulls)
        );
    end if;

    foreach v_name in array coalesce(tg_argv[2], '{}')::text[] loop
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
