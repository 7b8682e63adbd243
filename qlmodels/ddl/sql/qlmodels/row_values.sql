-- The columns of a row that hold a value, as a document: SQL's NULL is left out, so that it stays
-- apart from a document that is JSON's own null.
create or replace function qlmodels.row_values(p_row record, p_table oid) returns jsonb
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_values jsonb := to_jsonb(p_row);
    v_name text;
    v_is_document boolean;
    v_is_null boolean;
begin
    for v_name, v_is_document in
        select field.key,
               coalesce(nullif(kind.typbasetype, 0), kind.oid) in ('json'::regtype, 'jsonb'::regtype)
          from jsonb_each(v_values) as field
          join pg_attribute as attribute
            on attribute.attrelid = p_table and attribute.attname = field.key
          join pg_type as kind on kind.oid = attribute.atttypid
         where field.value = 'null'
    loop
        v_is_null := true;
        if v_is_document then
            execute format('select ($1).%I is null', v_name) into v_is_null using p_row;
        end if;
        if v_is_null then
            v_values := v_values - v_name;
        end if;
    end loop;
    return v_values;
end $$;
