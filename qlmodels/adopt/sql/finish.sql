-- Ages are counted from now on, numbers go on where the original stopped, publications carry the tables again, and it is gone.
do $$
declare
    v_link record;
    v_number record;
    v_last bigint;
    v_called boolean;
begin
    insert into qlmodels_private.adoptions (agent_type) select agent_type from public.agent_types;
    for v_number in
        select * from (values ('q_values', 'q_value_id'), ('rewards', 'reward_id')) as numbered (relation, attribute)
    loop
        execute format(
            'select greatest(last_value, (select max(%I) from qlmodels_adopt.%I)), is_called from %s',
            v_number.attribute, v_number.relation,
            pg_get_serial_sequence('qlmodels_adopt.' || v_number.relation, v_number.attribute)
        ) into v_last, v_called;
        perform setval(
            pg_get_serial_sequence('public.' || v_number.relation, v_number.attribute),
            greatest(v_last, 1), v_called or v_last > 1
        );
    end loop;
    for v_link in select * from qlmodels_adopt.publications loop
        execute format('alter publication %I add table public.%I', v_link.pubname, v_link.relname)
            || coalesce(' (' || v_link.columns || ')', '')
            || coalesce(' where (' || v_link.row_filter || ')', '');
    end loop;
    drop schema qlmodels_adopt cascade;
    begin
        drop function if exists public.update_updated_at_column();
    exception when dependent_objects_still_exist then
        raise notice 'update_updated_at_column() has other users and stays';
    end;
end $$
