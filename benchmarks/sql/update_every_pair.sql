-- One upsert of every pair in random order, committed by hundreds.
do $$
declare
    v_pair record;
    v_done integer := 0;
begin
    for v_pair in select * from q_values order by random() loop
        perform upsert_q_value(
            v_pair.agent_type, v_pair.state_hash, v_pair.state_data,
            v_pair.action_hash, v_pair.action_data, round(random()::numeric * 100, 6)
        );
        v_done := v_done + 1;
        if v_done % 100 = 0 then
            commit;
        end if;
    end loop;
end $$;
