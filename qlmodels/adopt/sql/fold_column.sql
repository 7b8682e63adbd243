-- Puts a column that is none of the original's into the metadata of its rows, and drops it. A key that is
-- there already keeps its value, and the column's goes under "adopted" with it.
create function qlmodels_adopt.fold_column(p_table text, p_column text) returns void
language plpgsql as $$
begin
    execute format('alter table qlmodels_adopt.%I disable trigger user', p_table);
    execute format(
        $fold$
        update qlmodels_adopt.%1$I
           set metadata = case
               when jsonb_typeof(coalesce(metadata, '{}')) = 'object' and not coalesce(metadata, '{}') ? %2$L
               then coalesce(metadata, '{}') || jsonb_build_object(%2$L, to_jsonb(%2$I))
               when jsonb_typeof(metadata) = 'object'
               then metadata || jsonb_build_object('adopted', case jsonb_typeof(metadata -> 'adopted') when 'object' then metadata -> 'adopted' else '{}' end || jsonb_build_object(%2$L, to_jsonb(%2$I)))
               else jsonb_build_object('metadata', metadata, %2$L, to_jsonb(%2$I))
               end
         where %2$I is not null
        $fold$,
        p_table, p_column
    );
    execute format('alter table qlmodels_adopt.%I drop column %I', p_table, p_column);
    execute format('alter table qlmodels_adopt.%I enable trigger user', p_table);
end $$
