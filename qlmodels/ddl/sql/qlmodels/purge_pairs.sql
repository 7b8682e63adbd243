-- The pairs' part of purge: what is deleted was kept in the same transaction.
create or replace function qlmodels.purge_pairs(p_batch integer)
returns table (agent_type text, deleted bigint, policy_version integer)
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set row_security = on
set plan_cache_mode = force_custom_plan
as $$
#variable_conflict use_column
declare
    v_ids bigint[];
begin
    for agent_type, v_ids in
        with chosen as materialized (
            select due.agent_type, due.q_value_id
              from qlmodels.expiring_q_values as due
             where due.expires_at < now()
             limit p_batch
               for update skip locked
        )
        select chosen.agent_type::text, array_agg(chosen.q_value_id)
          from chosen
         group by chosen.agent_type
         order by chosen.agent_type
    loop
        policy_version := qlmodels_private.keep_purged(agent_type, v_ids);
        delete from public.q_values as expired
         where expired.agent_type = purge_pairs.agent_type
           and expired.q_value_id = any (v_ids);
        get diagnostics deleted = row_count;
        return next;
    end loop;
end $$;
